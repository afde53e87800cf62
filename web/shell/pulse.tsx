import { Popover } from '@mantine/core';
import { useState } from 'react';
import { formatNumber, type Language } from '../../core/format.ts';
import { useTexts } from '../i18n/index.ts';
import { HealthList } from '../panels/health-list.tsx';
import { Age } from '../parts/age.tsx';
import { classes } from '../parts/classes.ts';
import { useConnection, useDevices } from '../state/index.ts';
import css from './pulse.module.css';

/** The system's own pulse: devices heard, delay from arrival to commit, and what is unwell. */
export function Pulse() {
  const { t, language } = useTexts();
  const [open, setOpen] = useState(false);
  const link = useConnection((state) => state.link);
  const system = useConnection((state) => state.system);
  const lastHeardMs = useConnection((state) => state.lastHeardMs);
  const known = useDevices((state) => state.byId.size);
  const worst = system?.health.some((item) => item.state === 'down')
    ? 'down'
    : system?.health.some((item) => item.state === 'degraded')
      ? 'degraded'
      : 'ok';
  const delayMs = system?.ingest.delayP50Ms ?? null;
  const parts = [
    system
      ? t('pulse.devices', {
          online: formatNumber(system.devices.online, 0, language),
          total: formatNumber(system.devices.total, 0, language),
        })
      : t('pulse.known', { total: formatNumber(known, 0, language) }),
    ...(delayMs === null ? [] : [t('pulse.delay', { delay: delayText(delayMs, language) })]),
  ];
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={380} trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={css.pulse}
          aria-expanded={open}
          aria-label={t('pulse.title')}
          onClick={() => setOpen(!open)}
        >
          <i className={classes(css.dot, link === 'live' && css.live, worst !== 'ok' && css[worst])} />
          {link === 'live' ? parts.join(' · ') : t(`link.${link}`)}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={css.sheet}>
          <h2>{t('pulse.title')}</h2>
          <dl className={css.facts}>
            <dt>{t('pulse.link')}</dt>
            <dd>
              {t(`link.${link}`)}
              {lastHeardMs !== null && (
                <>
                  {' · '}
                  {t('pulse.heard')} <Age ago sinceMs={lastHeardMs} />
                </>
              )}
            </dd>
            {system && (
              <>
                <dt>{t('system.rate')}</dt>
                <dd>{t('pulse.perSecond', { rate: formatNumber(system.ingest.ratePerS, 1, language) })}</dd>
                <dt>{t('system.cameras')}</dt>
                <dd>
                  {system.cameras.online}/{system.cameras.total}
                </dd>
                <dt>{t('system.quarantined')}</dt>
                <dd>{formatNumber(system.ingest.quarantinedTotal, 0, language)}</dd>
              </>
            )}
          </dl>
          {system && <HealthList items={system.health} />}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** `38 ms`, `1,4 s`. */
function delayText(ms: number, language: Language): string {
  return ms < 1000
    ? `${formatNumber(ms, 0, language)}\u00a0ms`
    : `${formatNumber(ms / 1000, 1, language)}\u00a0s`;
}
