import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { QuarantineItem } from '../../core/api/devices.ts';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import { bytes, dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Empty, ErrorNote } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, timeOf, useMay } from '../state/index.ts';
import { Moment, Named, Quiet } from './page-cells.tsx';
import { PagedPage, usePages } from './paged-page.tsx';
import css from './quarantine.module.css';

/** Messages that could not be taken in: why, what they were, and another try. */
export function QuarantinePage() {
  const { t, language, timeZone } = useTexts();
  const [chosen, setChosen] = useState<number | null>(null);
  const pages = usePages({
    key: ['quarantine'],
    read: (cursor, signal) => api.quarantine({ limit: 100, cursor }, signal),
    everyMs: 15_000,
  });
  const columns = useMemo<Column<QuarantineItem>[]>(
    () => [
      {
        id: 'at',
        title: t('quarantine.column.at'),
        render: (item) => <Moment>{dateTime(timeOf(item.receivedAt), timeZone)}</Moment>,
      },
      {
        id: 'device',
        title: t('quarantine.column.device'),
        render: (item) => <Named name={item.deviceId ?? '–'} more={item.source} />,
      },
      {
        id: 'reason',
        title: t('quarantine.column.reason'),
        render: (item) => <Named name={codeText(item.code, language)} more={item.code} />,
      },
      {
        id: 'size',
        title: t('quarantine.column.size'),
        align: 'right',
        render: (item) => bytes(item.payloadBytes, language),
      },
      {
        id: 'replayed',
        title: t('quarantine.column.replayed'),
        render: (item) =>
          item.replayedAt ? (
            <Named name={item.replayResult ?? ''} more={dateTime(timeOf(item.replayedAt), timeZone)} />
          ) : (
            <Quiet>–</Quiet>
          ),
      },
    ],
    [t, language, timeZone],
  );
  const item = pages.rows.find(({ id }) => id === chosen);
  return (
    <>
      <PagedPage
        title={t('page.quarantine')}
        pages={pages}
        empty={<Empty title={t('quarantine.none')}>{t('quarantine.noneMore')}</Empty>}
      >
        <Table
          label={t('page.quarantine')}
          rows={pages.rows}
          columns={columns}
          keyOf={(row) => row.id}
          isSelected={(row) => row.id === chosen}
          onOpen={(row) => setChosen(row.id === chosen ? null : row.id)}
        />
      </PagedPage>
      {item && <ItemSheet key={item.id} item={item} />}
    </>
  );
}

function ItemSheet({ item: listed }: { item: QuarantineItem }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  // Lists carry only the beginning of a long payload.
  const { data } = useQuery({
    queryKey: ['quarantined', listed.id],
    queryFn: ({ signal }) => api.quarantined(listed.id, signal),
  });
  const item = data ?? listed;
  const mayReplay = useMay('quarantine.replay');
  const act = useAct<'replay'>();
  const replay = async () => {
    await act.run('replay', () => api.replayQuarantined(item.id));
    // Also after a failure: the result of the try is written down.
    void queries.invalidateQueries({ queryKey: ['quarantine'] });
    void queries.invalidateQueries({ queryKey: ['quarantined', listed.id] });
  };
  return (
    <section className={css.sheet} aria-label={t('quarantine.payload')}>
      <div className={css.bar}>
        <p>
          {item.reason}
          {item.topic && <small> {item.topic}</small>}
        </p>
        {mayReplay && (
          <Button busy={act.busy !== null} disabled={item.payload === null} onClick={() => void replay()}>
            {t('quarantine.replay')}
          </Button>
        )}
      </div>
      {act.error !== null && <ErrorNote compact error={act.error} onRetry={act.clearError} />}
      <pre className={css.payload}>{item.payload ?? t('quarantine.unread')}</pre>
    </section>
  );
}

function codeText(code: string, language: 'vi' | 'en'): string {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode][language] : code;
}
