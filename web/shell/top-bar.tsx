import { Tooltip } from '@mantine/core';
import {
  IconBell,
  IconBellOff,
  IconBellZ,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
  IconSearch,
} from '@tabler/icons-react';
import { useMemo } from 'react';
import { SEVERITIES } from '../../core/api/common.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { clockTime, dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { countUnacknowledged, useAlerts, useConnection, useNow, useUi } from '../state/index.ts';
import { Lighthouse } from './lighthouse.tsx';
import { PersonMenu } from './person-menu.tsx';
import { Pulse } from './pulse.tsx';
import { toggleSilence } from './sound.ts';
import css from './top-bar.module.css';

export function TopBar({ onSearch, onHelp }: { onSearch(): void; onHelp(): void }) {
  const { t, nameOf } = useTexts();
  const centre = useConnection((state) => state.centre);
  const sideOpen = useUi((state) => state.sideOpen);
  return (
    <header className={css.bar}>
      <div className={css.logo}>
        <Lighthouse size={26} />
      </div>
      {centre && (
        <div className={css.centre}>
          <b>{nameOf(centre)}</b> <span>· {nameOf(centre.province)}</span>
        </div>
      )}
      {centre?.demo && (
        <Tooltip label={t('shell.demoWhy')} multiline w={280}>
          <span className={css.demo}>{t('shell.demo')}</span>
        </Tooltip>
      )}
      <button type="button" className={css.search} onClick={onSearch} aria-keyshortcuts="Control+K">
        <IconSearch size={14} stroke={2} aria-hidden />
        <span>{t('search.placeholder')}</span>
        <kbd aria-hidden>Ctrl K</kbd>
      </button>
      <Counts />
      <Pulse />
      <Silence />
      <Clock />
      <Tooltip label={sideOpen ? t('shell.hideSide') : t('shell.showSide')}>
        <Button
          look="icon"
          aria-label={sideOpen ? t('shell.hideSide') : t('shell.showSide')}
          className={css.toggle}
          onClick={() => useUi.setState({ sideOpen: !sideOpen })}
          icon={
            sideOpen ? (
              <IconLayoutSidebarRightCollapse size={18} stroke={1.6} />
            ) : (
              <IconLayoutSidebarRightExpand size={18} stroke={1.6} />
            )
          }
        />
      </Tooltip>
      <PersonMenu onHelp={onHelp} />
    </header>
  );
}

function Counts() {
  const { t } = useTexts();
  const byId = useAlerts((state) => state.byId);
  const counts = useMemo(() => countUnacknowledged(byId.values()), [byId]);
  const total = SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
  return (
    // biome-ignore lint/a11y/useSemanticElements: four numbers and a word are no form group
    <div className={css.counts} role="group" aria-label={t('shell.unacknowledged')}>
      {SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => (
        <Tooltip key={severity} label={t(`severity.${severity}`)}>
          <span className={css.count}>
            <AlarmGlyph
              severity={severity}
              state="unacknowledged"
              size={13}
              label={t(`severity.${severity}`)}
            />
            {counts[severity]}
          </span>
        </Tooltip>
      ))}
      <small>{total === 0 ? t('shell.allAcknowledged') : t('shell.unacknowledged')}</small>
    </div>
  );
}

function Silence() {
  const { t, timeZone } = useTexts();
  const sound = useUi((state) => state.sound);
  const mutedUntilMs = useUi((state) => state.mutedUntilMs);
  const now = useNow(1000);
  const silent = mutedUntilMs !== null && now < mutedUntilMs;
  const label = !sound
    ? t('sound.off')
    : silent
      ? t('sound.silentUntil', { time: clockTime(mutedUntilMs, timeZone).slice(0, 5) })
      : t('sound.silence');
  const Icon = !sound ? IconBellOff : silent ? IconBellZ : IconBell;
  return (
    <Tooltip label={label}>
      <Button
        look="icon"
        aria-label={label}
        aria-pressed={silent}
        disabled={!sound}
        onClick={() => toggleSilence(Date.now())}
        icon={<Icon size={18} stroke={1.6} />}
      />
    </Tooltip>
  );
}

/** By the server's clock; a wrong clock of this machine is said, not shown. */
function Clock() {
  const { t, timeZone } = useTexts();
  const now = useNow(1000);
  const skewMs = useConnection((state) => state.skewMs);
  const skewS = skewMs === null ? 0 : Math.round(skewMs / 1000);
  const text = clockTime(now, timeZone);
  return (
    <Tooltip
      label={
        Math.abs(skewS) >= 5 ? t('shell.clockSkew', { seconds: Math.abs(skewS) }) : dateTime(now, timeZone)
      }
    >
      <time className={css.clock} dateTime={new Date(now).toISOString()}>
        {text}
        {Math.abs(skewS) >= 5 && <i className={css.skew}>!</i>}
      </time>
    </Tooltip>
  );
}
