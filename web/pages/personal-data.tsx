import { Modal, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import type { PersonalDataKindDto, PersonalDataRun, Subject } from '../../core/api/personal-data.ts';
import { formatNumber } from '../../core/format.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { Empty, ErrorLine, ErrorNote, Skeleton } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';
import { notify } from '../shell/notices.ts';
import { api, timeOf, useMay } from '../state/index.ts';
import { Moment, Named, Quiet } from './page-cells.tsx';
import css from './personal-data.module.css';
import { saveReport } from './save-report.ts';

/** Which personal data the centre keeps and why; what it holds of one person; erasing them. */
export function PersonalDataPage() {
  const { t, language } = useTexts();
  const kinds = useQuery({ queryKey: ['personal-kinds'], queryFn: api.personalDataKinds });
  const kindName = (id: string) => {
    const kind = kinds.data?.items.find((one) => one.id === id);
    return kind?.name[language] ?? id;
  };
  return (
    <>
      <PageHead title={t('page.personal')} />
      <PageBody>
        <div className={css.page}>
          <People kindName={kindName} />
          <section aria-label={t('personal.register')}>
            <h2>{t('personal.register')}</h2>
            <p className={css.about}>{t('personal.registerMore')}</p>
            {kinds.isPending && <Skeleton lines={8} />}
            {kinds.error && <ErrorNote error={kinds.error} onRetry={() => void kinds.refetch()} />}
            {kinds.data && <Register kinds={kinds.data.items} />}
          </section>
          <Runs kindName={kindName} />
        </div>
      </PageBody>
    </>
  );
}

interface KindNames {
  kindName(id: string): string;
}

/** Looking for a person takes a reason, which stands in the audit trail. */
function People({ kindName }: KindNames) {
  const { t, language } = useTexts();
  const mayErase = useMay('personal.erase');
  const [q, setQ] = useState('');
  const [reason, setReason] = useState('');
  const [found, setFound] = useState<{ items: Subject[]; reason: string } | null>(null);
  const [erasing, setErasing] = useState<Subject | null>(null);
  const act = useAct<string>();
  const look = async () => {
    await act.run('look', async () => {
      const given = reason.trim();
      setFound({ items: (await api.lookUpPeople({ q: q.trim(), reason: given })).items, reason: given });
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void look();
  };
  const columns: Column<Subject>[] = [
    {
      id: 'name',
      title: t('column.name'),
      render: (subject) => <Named name={subject.displayName} more={subject.username} />,
    },
    {
      id: 'state',
      title: t('column.state'),
      render: (subject) => (subject.erasedAt ? t('personal.erased') : t(`users.${subject.status}`)),
    },
    {
      id: 'held',
      title: t('personal.held'),
      render: (subject) => (
        <ul className={css.held}>
          {subject.held
            .filter(({ count }) => count > 0)
            .map(({ kind, count }) => (
              <li key={kind}>
                {kindName(kind)} <b>{formatNumber(count, 0, language)}</b>
              </li>
            ))}
        </ul>
      ),
    },
    {
      id: 'acts',
      title: '',
      align: 'right',
      render: (subject) => (
        <span className={css.acts}>
          <Button
            look="link"
            busy={act.busy === subject.id}
            onClick={() =>
              void act.run(subject.id, async () =>
                saveReport(await api.reportOfPerson(subject.id, found?.reason ?? '')),
              )
            }
          >
            {t('personal.download')}
          </Button>
          {mayErase && !subject.erasedAt && (
            <Button
              look="link"
              disabled={subject.status === 'active'}
              title={subject.status === 'active' ? t('personal.closeFirst') : undefined}
              onClick={() => setErasing(subject)}
            >
              {t('personal.erase')}
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <section aria-label={t('personal.people')}>
      <h2>{t('personal.people')}</h2>
      <form className={css.form} onSubmit={submit}>
        <TextInput
          label={t('personal.who')}
          autoComplete="off"
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
        <TextInput
          label={t('personal.reason')}
          description={t('personal.reasonMore')}
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button
          look="primary"
          type="submit"
          busy={act.busy === 'look'}
          disabled={q.trim().length < 2 || reason.trim().length < 3}
        >
          {t('personal.look')}
        </Button>
      </form>
      {act.error !== null && <ErrorNote compact error={act.error} onRetry={act.clearError} />}
      {found?.items.length === 0 && <Empty title={t('personal.nobody')}>{t('personal.nobodyMore')}</Empty>}
      {found && found.items.length > 0 && (
        <Table
          label={t('personal.people')}
          rows={found.items}
          columns={columns}
          keyOf={(subject) => subject.id}
        />
      )}
      {erasing && (
        <Erase
          subject={erasing}
          reason={found?.reason ?? ''}
          onDone={() => {
            setErasing(null);
            void look();
          }}
          onClose={() => setErasing(null)}
        />
      )}
    </section>
  );
}

function Erase({
  subject,
  reason,
  onDone,
  onClose,
}: {
  subject: Subject;
  reason: string;
  onDone(): void;
  onClose(): void;
}) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const act = useAct<'erase'>();
  const erase = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await act.run('erase', () => api.erasePerson(subject.id, reason)))) return;
    void queries.invalidateQueries({ queryKey: ['personal-runs'] });
    notify(t('personal.erasedDone', { name: subject.username }));
    onDone();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('personal.eraseTitle', { name: subject.displayName })}
      size={460}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.dialog} onSubmit={(event) => void erase(event)}>
        <p>{t('personal.eraseMore')}</p>
        <TextInput
          label={t('personal.typeName', { name: subject.username })}
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <ErrorLine error={act.error} />
        <div className={css.buttons}>
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            busy={act.busy !== null}
            disabled={typed.trim() !== subject.username}
          >
            {t('personal.erase')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Register({ kinds }: { kinds: readonly PersonalDataKindDto[] }) {
  const { t, language } = useTexts();
  const columns = useMemo<Column<PersonalDataKindDto>[]>(
    () => [
      { id: 'name', title: t('personal.kind'), width: '22%', render: (kind) => kind.name[language] },
      {
        id: 'purpose',
        title: t('personal.purpose'),
        render: (kind) => <span className={css.wrap}>{kind.purpose[language]}</span>,
      },
      {
        id: 'keep',
        title: t('personal.keep'),
        width: '14%',
        render: (kind) =>
          kind.keepDays === null ? (
            <Quiet>{t('personal.keepAlways')}</Quiet>
          ) : (
            t('personal.days', { count: kind.keepDays })
          ),
      },
      {
        id: 'erasure',
        title: t('personal.onErasure'),
        width: '30%',
        render: (kind) => (
          <span className={css.wrap}>
            {t(`personal.erasure.${kind.erasure}`)}
            {kind.kept && <small>{kind.kept[language]}</small>}
          </span>
        ),
      },
    ],
    [t, language],
  );
  return <Table label={t('personal.register')} rows={kinds} columns={columns} keyOf={(kind) => kind.id} />;
}

function Runs({ kindName }: KindNames) {
  const { t, timeZone, language } = useTexts();
  const { data, error, refetch } = useQuery({ queryKey: ['personal-runs'], queryFn: api.personalDataRuns });
  const columns: Column<PersonalDataRun>[] = [
    {
      id: 'at',
      title: t('personal.at'),
      render: (run) => <Moment>{dateTime(timeOf(run.at), timeZone)}</Moment>,
    },
    {
      id: 'what',
      title: t('personal.what'),
      render: (run) => <Named name={t(`personal.run.${run.kind}`)} more={run.by ?? t('personal.byItself')} />,
    },
    {
      id: 'removed',
      title: t('personal.removed'),
      render: (run) => (
        <ul className={css.held}>
          {Object.entries(run.removed)
            .filter(([, count]) => count > 0)
            .map(([kind, count]) => (
              <li key={kind}>
                {kindName(kind)} <b>{formatNumber(count, 0, language)}</b>
              </li>
            ))}
        </ul>
      ),
    },
    { id: 'reason', title: t('personal.reason'), render: (run) => run.reason ?? <Quiet>–</Quiet> },
  ];
  return (
    <section aria-label={t('personal.runs')}>
      <h2>{t('personal.runs')}</h2>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={css.about}>{t('personal.noRuns')}</p>}
      {data && data.items.length > 0 && (
        <Table label={t('personal.runs')} rows={data.items} columns={columns} keyOf={(run) => run.id} />
      )}
    </section>
  );
}
