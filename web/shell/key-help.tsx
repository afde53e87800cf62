import { Modal } from '@mantine/core';
import { type TextKey, useTexts } from '../i18n/index.ts';
import css from './key-help.module.css';

const GROUPS: readonly {
  title: TextKey;
  keys: readonly (readonly [keys: readonly string[], what: TextKey])[];
}[] = [
  {
    title: 'keys.list',
    keys: [
      [['J', '↓'], 'keys.next'],
      [['K', '↑'], 'keys.previous'],
      [['Esc'], 'keys.back'],
    ],
  },
  {
    title: 'keys.alarm',
    keys: [
      [['A'], 'act.acknowledge'],
      [['D'], 'keys.dispatch'],
      [['Enter'], 'keys.firstUnit'],
      [['C'], 'act.comment'],
      [['R'], 'act.resolve'],
      [['S'], 'act.shelve'],
    ],
  },
  {
    title: 'keys.console',
    keys: [
      [['Ctrl K', '/'], 'keys.search'],
      [['L'], 'keys.legend'],
      [['M'], 'keys.silence'],
      [['?'], 'keys.title'],
    ],
  },
];

export function KeyHelp({ onClose }: { onClose(): void }) {
  const { t } = useTexts();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('keys.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <div className={css.groups}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={what}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{t(what)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
