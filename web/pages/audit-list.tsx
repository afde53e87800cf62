import { useMemo, useState } from 'react';
import type { AuditItem } from '../../core/api/audit.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { type Column, Table } from '../parts/table.tsx';
import { timeOf } from '../state/index.ts';
import { actionWord, objectWord } from './audit-words.ts';
import { Moment, Named, Quiet } from './page-cells.tsx';

const keyOf = (item: AuditItem) => `${item.chain} ${item.seq}`;

/** The entry that is open below the list, and how it is chosen. */
export function useOpened(rows: readonly AuditItem[]) {
  const [key, setKey] = useState<string | null>(null);
  return {
    item: rows.find((row) => keyOf(row) === key),
    isOpen: (row: AuditItem) => keyOf(row) === key,
    toggle: (row: AuditItem) => setKey(keyOf(row) === key ? null : keyOf(row)),
  };
}

/** Entries of the audit trail, the latest first. */
export function AuditList({
  label,
  rows,
  opened,
}: {
  label: string;
  rows: readonly AuditItem[];
  opened: ReturnType<typeof useOpened>;
}) {
  const { t, language, timeZone } = useTexts();
  const columns = useMemo<Column<AuditItem>[]>(
    () => [
      {
        id: 'at',
        title: t('audit.column.at'),
        render: (item) => <Moment>{dateTime(timeOf(item.at), timeZone)}</Moment>,
      },
      {
        id: 'actor',
        title: t('audit.column.actor'),
        render: (item) => (
          <Named
            name={item.actor.name}
            more={item.onBehalfOf && t('audit.for', { name: item.onBehalfOf.name })}
          />
        ),
      },
      {
        id: 'action',
        title: t('audit.column.action'),
        render: (item) => actionWord(item.action, language),
      },
      {
        id: 'object',
        title: t('audit.column.object'),
        render: (item) =>
          item.object ? (
            <Named name={item.object.name ?? item.object.id} more={objectWord(item.object.type, language)} />
          ) : (
            <Quiet>–</Quiet>
          ),
      },
      {
        id: 'ip',
        title: t('audit.column.from'),
        render: (item) => <Quiet>{item.ip ?? '–'}</Quiet>,
      },
    ],
    [t, language, timeZone],
  );
  return (
    <Table
      label={label}
      rows={rows}
      columns={columns}
      keyOf={keyOf}
      isSelected={opened.isOpen}
      onOpen={opened.toggle}
    />
  );
}
