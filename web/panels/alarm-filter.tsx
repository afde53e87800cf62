import { Popover } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useState } from 'react';
import { create } from 'zustand';
import type { Alert } from '../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { useConnection } from '../state/index.ts';
import css from './alarm-filter.module.css';

interface Filter {
  hiddenSeverities: readonly Severity[];
  hiddenDomains: readonly string[];
}

const NONE: Filter = { hiddenSeverities: [], hiddenDomains: [] };
/** Lives as long as the page: a filter that survived a night would hide alarms from the next shift. */
export const useAlarmFilter = create<Filter>(() => NONE);

export function isFiltered({ hiddenSeverities, hiddenDomains }: Filter): boolean {
  return hiddenSeverities.length + hiddenDomains.length > 0;
}

export function passes(filter: Filter, alert: Alert): boolean {
  return !filter.hiddenSeverities.includes(alert.severity) && !filter.hiddenDomains.includes(alert.domain);
}

export function clearFilter(): void {
  useAlarmFilter.setState(NONE);
}

const toggled = <T,>(list: readonly T[], item: T): T[] =>
  list.includes(item) ? list.filter((other) => other !== item) : [...list, item];

export function AlarmFilterButton() {
  const { t, nameOf } = useTexts();
  const [open, setOpen] = useState(false);
  const filter = useAlarmFilter();
  const domains = useConnection((state) => state.centre?.domains) ?? [];
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={220} trapFocus returnFocus>
      <Popover.Target>
        <Button
          look="icon"
          aria-label={t('filter.title')}
          aria-expanded={open}
          className={isFiltered(filter) ? css.active : undefined}
          onClick={() => setOpen(!open)}
          icon={<IconFilter size={17} stroke={1.6} />}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <fieldset className={css.set}>
          <legend>{t('filter.severity')}</legend>
          {SEVERITIES.map((severity) => (
            <label key={severity}>
              <input
                type="checkbox"
                checked={!filter.hiddenSeverities.includes(severity)}
                onChange={() =>
                  useAlarmFilter.setState({ hiddenSeverities: toggled(filter.hiddenSeverities, severity) })
                }
              />
              <AlarmGlyph severity={severity} state="unacknowledged" size={13} />
              {t(`severity.${severity}`)}
            </label>
          ))}
        </fieldset>
        <fieldset className={css.set}>
          <legend>{t('filter.domain')}</legend>
          {domains.map((domain) => (
            <label key={domain.id}>
              <input
                type="checkbox"
                checked={!filter.hiddenDomains.includes(domain.id)}
                onChange={() =>
                  useAlarmFilter.setState({ hiddenDomains: toggled(filter.hiddenDomains, domain.id) })
                }
              />
              {nameOf(domain)}
            </label>
          ))}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
}
