import { Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccountRequestDetail } from '../../core/api/account-requests.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { api } from '../state/index.ts';
import css from './accounts.module.css';
import { RequestActs } from './request-acts.tsx';
import { Scans } from './scans.tsx';
import { useAgencies, useGrantWords } from './use-limits.ts';

/** One request: what is asked, on which document, how far it has come, and what I may do with it. */
export function RequestDetail({ id, onClose }: { id: number; onClose(): void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [password, setPassword] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['account-requests', 'one', id],
    queryFn: ({ signal }) => api.accountRequest(id, signal),
  });
  const changed = (next: AccountRequestDetail) => {
    queries.setQueryData(['account-requests', 'one', id], next);
    for (const key of ['account-requests', 'users', 'account-register', 'access-review'])
      void queries.invalidateQueries({ queryKey: [key] });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        data
          ? `${t(`accounts.action.${data.action}`)} · ${data.target.username}`
          : t('accounts.request', { id })
      }
      size={760}
      closeOnClickOutside={password === null}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      {!data && !error && <Skeleton lines={8} />}
      {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && (
        <div className={css.detail}>
          {password !== null && <FirstPassword name={data.target.username} password={password} />}
          <Facts request={data} />
          <h3>{t('accounts.scans')}</h3>
          <Scans requestId={id} files={data.files} />
          <h3>{t('accounts.steps')}</h3>
          <Steps request={data} />
          <RequestActs key={data.state} request={data} onDone={changed} onPassword={setPassword} />
        </div>
      )}
    </Modal>
  );
}

function FirstPassword({ name, password }: { name: string; password: string }) {
  const { t } = useTexts();
  return (
    <section className={css.once}>
      <p>{t('users.passwordOnce', { name })}</p>
      <output className={css.password}>{password}</output>
      <Button look="primary" onClick={() => void navigator.clipboard?.writeText(password)}>
        {t('act.copy')}
      </Button>
    </section>
  );
}

function Facts({ request }: { request: AccountRequestDetail }) {
  const { t, timeZone } = useTexts();
  const { agencyName } = useAgencies();
  const wordsOf = useGrantWords();
  const time = (iso: string) => dateTime(Date.parse(iso), timeZone);
  const { target } = request;
  const grants = (list: readonly Parameters<typeof wordsOf>[0][]) =>
    list.length === 0 ? (
      <span className={css.quiet}>{t('accounts.noGrants')}</span>
    ) : (
      <ul>
        {list.map((grant) => {
          const { role, reach } = wordsOf(grant);
          return (
            <li key={`${role} ${reach}`}>
              {role} <small>{reach}</small>
            </li>
          );
        })}
      </ul>
    );
  return (
    <dl className={css.facts}>
      <dt>{t('column.state')}</dt>
      <dd>
        {t(`accounts.state.${request.state}`)}
        {request.atOnce && <small> · {t('accounts.atOnce')}</small>}
      </dd>
      {request.documentDueAt !== null && (
        <>
          <dt>{t('accounts.documentDue')}</dt>
          <dd className={request.documentLate ? css.late : undefined}>
            {time(request.documentDueAt)}
            {request.documentLate && ` · ${t('accounts.late')}`}
          </dd>
        </>
      )}
      <dt>{t('accounts.account')}</dt>
      <dd>
        {target.displayName} <small>{target.username}</small>
        {target.kind === 'service' && <small> · {t('accounts.service')}</small>}
        {target.agencyId !== null && <small> · {agencyName(target.agencyId)}</small>}
        {target.status !== null && <small> · {t(`users.${target.status}`)}</small>}
      </dd>
      {request.grants !== null && (
        <>
          <dt>{t('accounts.asked')}</dt>
          <dd>{grants(request.grants)}</dd>
        </>
      )}
      {target.userId !== null && (
        <>
          <dt>{t('accounts.held')}</dt>
          <dd>{grants(request.heldGrants)}</dd>
        </>
      )}
      <dt>{t('accounts.requester')}</dt>
      <dd>
        {request.requesterName} <small>{t(`accounts.kind.${request.requesterKind}`)}</small>
      </dd>
      <dt>{t('accounts.document')}</dt>
      <dd>
        {request.documentNumber === null ? (
          <span className={css.quiet}>{t('accounts.noDocument')}</span>
        ) : (
          t('accounts.documentOf', {
            number: request.documentNumber,
            date: (request.documentDate ?? '').split('-').reverse().join('/'),
          })
        )}
      </dd>
      <dt>{t('accounts.reason')}</dt>
      <dd>{request.reason}</dd>
      {request.replyNumber !== null && (
        <>
          <dt>{t('accounts.replyNumber')}</dt>
          <dd>{request.replyNumber}</dd>
        </>
      )}
    </dl>
  );
}

function Steps({ request }: { request: AccountRequestDetail }) {
  const { t, timeZone } = useTexts();
  return (
    <ol className={css.steps}>
      {request.steps.map((step) => (
        <li key={`${step.at} ${step.step}`}>
          <time dateTime={step.at}>{dateTime(Date.parse(step.at), timeZone)}</time>
          <b>{t(`accounts.step.${step.step}`)}</b>
          <span>
            {step.by.onBehalfOf === null
              ? step.by.name
              : t('accounts.onBehalf', { name: step.by.name, of: step.by.onBehalfOf })}
          </span>
          {step.note && <q>{step.note}</q>}
        </li>
      ))}
    </ol>
  );
}
