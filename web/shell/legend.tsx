import { IconInfoCircle, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { SEVERITIES } from '../../core/api/common.ts';
import { AlarmGlyph, CameraGlyph, DeviceGlyph, UnitGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { useUi } from '../state/index.ts';
import css from './legend.module.css';

/** What every sign means; one click (or L) away on every screen with a map. */
export function Legend() {
  const { t } = useTexts();
  const open = useUi((state) => state.legendOpen);
  const set = (legendOpen: boolean) => useUi.setState({ legendOpen });
  if (!open) {
    return (
      <button type="button" className={css.closed} aria-expanded={false} onClick={() => set(true)}>
        <IconInfoCircle size={16} stroke={1.6} aria-hidden />
        {t('legend.title')}
      </button>
    );
  }
  return (
    <section className={css.legend} aria-label={t('legend.title')}>
      <header>
        <h2>{t('legend.title')}</h2>
        <Button
          look="icon"
          aria-label={t('act.close')}
          aria-expanded
          onClick={() => set(false)}
          icon={<IconX size={15} stroke={1.6} />}
          style={{ width: 22, height: 22 }}
        />
      </header>
      <div className={css.columns}>
        <Group title={t('legend.severity')}>
          {SEVERITIES.map((severity) => (
            <Row key={severity} glyph={<AlarmGlyph severity={severity} state="unacknowledged" size={13} />}>
              {t(`severity.${severity}`)}
            </Row>
          ))}
        </Group>
        <Group title={t('legend.state')}>
          {(['unacknowledged', 'acknowledged', 'returned_unacknowledged'] as const).map((state) => (
            <Row key={state} glyph={<AlarmGlyph severity="major" state={state} size={13} />}>
              {t(`legend.${state}`)}
            </Row>
          ))}
        </Group>
        <Group title={t('legend.units')}>
          {(['available', 'en_route', 'on_scene', 'out_of_service'] as const).map((status) => (
            <Row key={status} glyph={<UnitGlyph status={status} size={15} />}>
              {t(`unitStatus.${status}`)}
            </Row>
          ))}
        </Group>
        <Group title={t('legend.things')}>
          <Row glyph={<DeviceGlyph state="online" size={14} />}>{t('legend.online')}</Row>
          <Row glyph={<DeviceGlyph state="late" size={14} />}>{t('deviceState.late')}</Row>
          <Row glyph={<DeviceGlyph state="offline" size={14} />}>{t('deviceState.offline')}</Row>
          <Row glyph={<CameraGlyph state="online" size={14} />}>{t('legend.camera')}</Row>
          <Row glyph={<CameraGlyph state="offline" size={14} />}>{t('legend.cameraOff')}</Row>
        </Group>
      </div>
    </section>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={css.group}>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </div>
  );
}

function Row({ glyph, children }: { glyph: ReactNode; children: ReactNode }) {
  return (
    <li>
      {glyph}
      <span>{children}</span>
    </li>
  );
}
