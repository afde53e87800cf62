import { useMemo, useState } from 'react';
import { RULE_STATES, type Rule } from '../../core/api/rules.ts';
import { AlarmGlyph } from '../glyphs/index.ts';
import { useTexts } from '../i18n/index.ts';
import { FilterChoice } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { api } from '../state/index.ts';
import { DomainChoice } from './domain-choice.tsx';
import { Named } from './page-cells.tsx';
import { PagedPage, usePages } from './paged-page.tsx';
import { RuleTrial } from './rule-trial.tsx';

/** Every rule in one sentence; a chosen one can be tried out and put into force. */
export function RulesPage() {
  const { t, language } = useTexts();
  const [state, setState] = useState<'all' | Rule['state']>('all');
  const [domain, setDomain] = useState('all');
  const [chosen, setChosen] = useState<string | null>(null);
  const pages = usePages({
    key: ['rules', state, domain],
    read: (cursor, signal) =>
      api.rules(
        {
          limit: 100,
          cursor,
          state: state === 'all' ? null : state,
          domain: domain === 'all' ? null : domain,
        },
        signal,
      ),
    everyMs: 30_000,
  });
  const columns = useMemo<Column<Rule>[]>(
    () => [
      {
        id: 'name',
        title: t('rules.column.name'),
        width: '34%',
        render: (rule) => (
          <Named
            glyph={
              <AlarmGlyph
                severity={rule.severity}
                state="unacknowledged"
                size={14}
                label={t(`severity.${rule.severity}`)}
              />
            }
            name={rule.name}
          />
        ),
      },
      { id: 'says', title: t('rules.column.says'), render: (rule) => rule.explanation[language] },
      {
        id: 'state',
        title: t('rules.column.state'),
        width: '9em',
        render: (rule) => t(`rules.state.${rule.state}`),
      },
      {
        id: 'version',
        title: t('rules.column.version'),
        align: 'right',
        width: '4em',
        render: (rule) => rule.version,
      },
    ],
    [t, language],
  );
  const rule = pages.rows.find(({ id }) => id === chosen);
  return (
    <>
      <PagedPage
        title={t('page.rules')}
        pages={pages}
        tools={
          <>
            <FilterChoice
              label={t('rules.column.state')}
              value={state}
              onChange={setState}
              options={RULE_STATES.map((value) => ({ value, label: t(`rules.state.${value}`) }))}
            />
            <DomainChoice value={domain} onChange={setDomain} />
          </>
        }
        empty={<Empty title={t('rules.none')}>{t('rules.noneMore')}</Empty>}
      >
        <Table
          label={t('page.rules')}
          rows={pages.rows}
          columns={columns}
          keyOf={(row) => row.id}
          isSelected={(row) => row.id === chosen}
          onOpen={(row) => setChosen(row.id === chosen ? null : row.id)}
        />
      </PagedPage>
      {rule && <RuleTrial key={rule.id} rule={rule} onChanged={pages.retry} />}
    </>
  );
}
