import { Popover } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { MAP_LAYERS } from '../map/index.tsx';
import { isLayerOn, setLayer, toggleDomain, useConnection, useUi } from '../state/index.ts';
import { domainIcon } from './domain-icons.ts';
import css from './map-chips.module.css';

/** One chip per domain of the profile, and one button for all layers. */
export function MapChips() {
  const { t, language, nameOf } = useTexts();
  const [open, setOpen] = useState(false);
  const domains = useConnection((state) => state.centre?.domains) ?? [];
  const hidden = useUi((state) => state.hiddenDomains);
  const ui = useUi();
  const on = MAP_LAYERS.filter((layer) => isLayerOn(ui, layer)).length;
  return (
    <div className={css.chips}>
      {domains.map((domain) => {
        const Icon = domainIcon(domain.icon);
        return (
          <button
            key={domain.id}
            type="button"
            className={css.chip}
            aria-pressed={!hidden.includes(domain.id)}
            onClick={() => toggleDomain(domain.id)}
          >
            <Icon size={16} stroke={1.6} aria-hidden />
            {nameOf(domain)}
          </button>
        );
      })}
      <Popover opened={open} onChange={setOpen} position="bottom-start" width={300} trapFocus returnFocus>
        <Popover.Target>
          <button type="button" className={css.layers} aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconStack2 size={16} stroke={1.6} aria-hidden />
            {t('layers.button')} · {on}
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          {(['data', 'base'] as const).map((group) => (
            <fieldset key={group} className={css.group}>
              <legend>{t(`layers.${group}`)}</legend>
              {MAP_LAYERS.filter((layer) => layer.group === group).map((layer) => (
                <label key={layer.id} title={layer.about[language]}>
                  <input
                    type="checkbox"
                    checked={isLayerOn(ui, layer)}
                    onChange={(event) => setLayer(layer.id, event.currentTarget.checked)}
                  />
                  {layer[language]}
                </label>
              ))}
            </fieldset>
          ))}
          <label className={css.strip}>
            <input
              type="checkbox"
              checked={ui.timelineOpen}
              onChange={(event) => useUi.setState({ timelineOpen: event.currentTarget.checked })}
            />
            {t('layers.timeline')}
          </label>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}
