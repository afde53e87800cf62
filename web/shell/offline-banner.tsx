import { IconPlugConnectedX } from '@tabler/icons-react';
import { clockTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Age } from '../parts/age.tsx';
import { Button } from '../parts/button.tsx';
import { retryNow, useConnection } from '../state/index.ts';
import css from './offline-banner.module.css';

/** Says that what is on screen is no longer live, since when, and that the console is trying. */
export function OfflineBanner() {
  const { t, timeZone } = useTexts();
  const link = useConnection((state) => state.link);
  const sinceMs = useConnection((state) => state.sinceMs);
  const lastHeardMs = useConnection((state) => state.lastHeardMs);
  if (link !== 'offline') return null;
  const lastMs = lastHeardMs ?? sinceMs;
  return (
    <div className={css.banner} role="alert">
      <IconPlugConnectedX size={17} stroke={1.6} aria-hidden />
      <span>
        <b>{t('offline.title')}</b> {t('offline.since', { time: clockTime(lastMs, timeZone) })} (
        <Age ago sinceMs={lastMs} />
        ). {t('offline.trying')}
      </span>
      <Button look="link" onClick={retryNow}>
        {t('offline.retry')}
      </Button>
    </div>
  );
}
