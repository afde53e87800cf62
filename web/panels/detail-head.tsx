import { IconCurrentLocation, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { type Place, requestFocus, select } from '../state/index.ts';
import css from './detail.module.css';

/** Sign, name, a line of where and when, and the way back. */
export function DetailHead({ glyph, title, where }: { glyph: ReactNode; title: string; where?: ReactNode }) {
  const { t } = useTexts();
  return (
    <header className={css.head}>
      {glyph}
      <h2>{title}</h2>
      <Button
        look="icon"
        aria-label={t('act.close')}
        onClick={() => select(null)}
        icon={<IconX size={16} stroke={1.6} />}
        style={{ width: 22, height: 22 }}
      />
      {where && <p className={css.where}>{where}</p>}
    </header>
  );
}

/** Flies the map there; off as long as nobody knows where the thing is. */
export function ShowOnMap(place: Place) {
  const { t } = useTexts();
  return (
    <Button
      icon={<IconCurrentLocation size={16} stroke={1.6} />}
      disabled={!place.position && !place.bbox}
      onClick={() => requestFocus({ ...place, mode: 'go' })}
    >
      {t('act.showOnMap')}
    </Button>
  );
}
