import { Modal } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { SIGHT_KINDS, type Sight } from '../../core/api/sight.ts';
import { useTexts } from '../i18n/index.ts';
import { Choice, TextFilter } from '../parts/page.tsx';
import { Empty, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas } from '../state/index.ts';
import { Named, Quiet } from './page-cells.tsx';
import css from './sight.module.css';

type Kind = (typeof SIGHT_KINDS)[number];
type Row = Sight['rows'][number];

/** What another person sees, row by row: which grant lets them, or what of each grant refuses. */
export function SightOf({ user, onClose }: { user: User; onClose(): void }) {
  const { t } = useTexts();
  const [kind, setKind] = useState<Kind>('device');
  const [text, setText] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['sight', user.id, kind, text],
    queryFn: () => api.sight(user.id, { kind, q: text }),
    placeholderData: keepPreviousData,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('sight.title', { name: user.displayName })}
      size={920}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <div className={css.sight}>
        <div className={css.tools}>
          <Choice
            label={t('sight.kind')}
            value={kind}
            onChange={setKind}
            options={SIGHT_KINDS.map((one) => ({ value: one, label: t(`sight.kind.${one}`) }))}
          />
          <TextFilter value={text} onChange={setText} />
        </div>
        {!data && !error && <Skeleton lines={6} />}
        {!data && error && <ErrorNote compact error={error} onRetry={() => void refetch()} />}
        {data && !data.user.active && <p>{t('sight.locked')}</p>}
        {data?.rows.length === 0 && <Empty compact title={t('sight.none')} />}
        {data && data.rows.length > 0 && <SightTable sight={data} />}
        {data?.more && <Quiet>{t('sight.more')}</Quiet>}
      </div>
    </Modal>
  );
}

function SightTable({ sight }: { sight: Sight }) {
  const { t } = useTexts();
  const { roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const nameOfGrant = (n: number) => roleName(sight.grants[n]?.role ?? '');
  const why = (row: Row): string[] => {
    const allowing = row.verdicts.find(({ refusals }) => refusals.length === 0);
    if (allowing) {
      const lentBy = sight.grants[allowing.grant]?.lentBy ?? null;
      const role = nameOfGrant(allowing.grant);
      return [lentBy === null ? t('sight.by', { role }) : t('sight.byLent', { role, name: lentBy })];
    }
    if (row.verdicts.length === 0) return [t('sight.noGrant')];
    return row.verdicts.map(({ grant, refusals }) =>
      t('sight.refused', {
        role: nameOfGrant(grant),
        why: refusals.map((refusal) => t(`sight.refusal.${refusal}`)).join(', '),
      }),
    );
  };
  const columns: Column<Row>[] = [
    {
      id: 'name',
      title: t('column.name'),
      render: (row) => (
        <Named
          name={row.name}
          more={[areas.get(row.areaId ?? '')?.name ?? row.areaId, t(`class.${row.class}`)]
            .filter(Boolean)
            .join(' · ')}
        />
      ),
    },
    {
      id: 'sees',
      title: t('sight.column.sees'),
      width: '90px',
      sort: (a, b) => Number(b.visible) - Number(a.visible),
      render: (row) => (
        <b className={row.visible ? css.yes : css.no}>
          {row.visible ? `✓ ${t('sight.yes')}` : `✗ ${t('sight.no')}`}
        </b>
      ),
    },
    {
      id: 'why',
      title: t('sight.column.why'),
      render: (row) => (
        <ul className={css.why}>
          {why(row).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ),
    },
  ];
  return (
    <Table
      label={t('sight.title', { name: sight.user.displayName })}
      rows={sight.rows}
      columns={columns}
      keyOf={(row) => row.id}
    />
  );
}
