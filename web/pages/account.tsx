import { Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Security } from '../../core/api/sign-in.ts';
import { dateTime } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { PageBody, PageHead } from '../parts/page.tsx';
import { ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { notify } from '../shell/notices.ts';
import { AddPasskey } from '../sign-in/add-passkey.tsx';
import { AddTotp } from '../sign-in/add-totp.tsx';
import { PasswordForm } from '../sign-in/password-form.tsx';
import { RecoveryCodes } from '../sign-in/recovery-codes.tsx';
import { api, timeOf, useSession } from '../state/index.ts';
import css from './account.module.css';
import { OwnActivity } from './own-activity.tsx';
import { OwnData } from './own-data.tsx';
import { OwnSessions } from './own-sessions.tsx';

type Dialog = 'password' | 'totp' | 'passkey' | { codes: string[] };

/** One's own account: password, second factors, where it is signed in, what was done with it. */
export function AccountPage() {
  const { t } = useTexts();
  const me = useSession((state) => state.me);
  const { data, error, refetch } = useQuery({ queryKey: ['security'], queryFn: api.security });
  return (
    <>
      <PageHead title={t('page.account')}>
        {me && (
          <span className={css.who}>
            {me.displayName} · {me.username}
          </span>
        )}
      </PageHead>
      <PageBody>
        <div className={css.columns}>
          {data && <Guards security={data} />}
          {!data && !error && <Skeleton lines={8} />}
          {!data && error && <ErrorNote error={error} onRetry={() => void refetch()} />}
          <OwnSessions />
          <OwnActivity />
          <OwnData />
        </div>
      </PageBody>
    </>
  );
}

/** Password, authenticator app, passkeys, recovery codes, accounts elsewhere. */
function Guards({ security }: { security: Security }) {
  const { t, timeZone } = useTexts();
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const { busy, error, run, clearError } = useAct<string>();
  const when = (time: string) => dateTime(timeOf(time), timeZone);
  const renew = () => queries.invalidateQueries({ queryKey: ['security'] });
  const close = () => {
    setDialog(null);
    void renew();
  };
  const added = (word: string) => (codes: string[] | null) => {
    notify(word);
    if (codes) setDialog({ codes });
    else close();
    void renew();
  };
  const remove = (what: string, work: () => Promise<void>) =>
    run(what, async () => {
      await work();
      await renew();
    });
  const { password, totp, passkeys, identities } = security;
  return (
    <section className={css.section} aria-label={t('account.guards')}>
      {error !== null && <ErrorNote compact error={error} onRetry={clearError} />}
      <Line
        title={t('account.password')}
        about={
          password.changeBy
            ? t('account.passwordUntil', {
                changed: when(password.changedAt),
                until: when(password.changeBy),
              })
            : t('account.passwordSince', { changed: when(password.changedAt) })
        }
      >
        <Button onClick={() => setDialog('password')}>{t('password.change')}</Button>
      </Line>
      <Line
        title={t('account.totp')}
        about={totp ? t('account.since', { time: when(totp.since) }) : t('account.totpNone')}
        warn={security.secondFactorRequired && !totp && passkeys.length === 0}
      >
        <Button onClick={() => setDialog('totp')}>{t(totp ? 'account.replace' : 'account.add')}</Button>
        {totp && (
          <Button look="link" busy={busy === 'totp'} onClick={() => void remove('totp', api.removeTotp)}>
            {t('account.remove')}
          </Button>
        )}
      </Line>
      <Line
        title={t('account.passkeys')}
        about={
          passkeys.length > 0
            ? undefined
            : t(security.passkeysPossible ? 'account.passkeysNone' : 'account.passkeysImpossible')
        }
      >
        {security.passkeysPossible && (
          <Button onClick={() => setDialog('passkey')}>{t('account.add')}</Button>
        )}
      </Line>
      {passkeys.map((key) => (
        <Line
          key={key.id}
          nested
          title={key.name}
          about={
            key.lastUsedAt
              ? t('account.lastUsed', { time: when(key.lastUsedAt) })
              : t('account.since', { time: when(key.createdAt) })
          }
        >
          <Button
            look="link"
            busy={busy === key.id}
            onClick={() => void remove(key.id, () => api.removePasskey(key.id))}
          >
            {t('account.remove')}
          </Button>
        </Line>
      ))}
      {(totp || passkeys.length > 0) && (
        <Line
          title={t('account.recovery')}
          about={t('account.recoveryLeft', { count: security.recoveryCodesLeft })}
          warn={security.recoveryCodesLeft < 3}
        >
          <Button
            busy={busy === 'recovery'}
            onClick={() =>
              void run('recovery', async () => {
                const { recoveryCodes } = await api.newRecoveryCodes();
                setDialog({ codes: recoveryCodes });
              })
            }
          >
            {t('account.recoveryNew')}
          </Button>
        </Line>
      )}
      {identities.map((identity) => (
        <Line
          key={identity.issuer}
          title={t('account.identity')}
          about={`${identity.label} · ${new URL(identity.issuer).host}`}
        >
          <Button
            look="link"
            busy={busy === identity.issuer}
            onClick={() => void remove(identity.issuer, () => api.unlinkIdentity(identity.issuer))}
          >
            {t('account.remove')}
          </Button>
        </Line>
      ))}
      {dialog !== null && (
        <Modal
          opened
          onClose={close}
          title={t(titleOf(dialog))}
          size={420}
          closeOnClickOutside={typeof dialog === 'string'}
          closeButtonProps={{ 'aria-label': t('act.close') }}
        >
          {dialog === 'password' && (
            <PasswordForm
              onChanged={() => {
                notify(t('password.changed'));
                close();
              }}
            />
          )}
          {dialog === 'totp' && <AddTotp onAdded={added(t('account.totpAdded'))} />}
          {dialog === 'passkey' && <AddPasskey onAdded={added(t('account.passkeyAdded'))} />}
          {typeof dialog === 'object' && <RecoveryCodes codes={dialog.codes} onDone={close} />}
        </Modal>
      )}
    </section>
  );
}

const titleOf = (dialog: Dialog) =>
  typeof dialog === 'object'
    ? 'account.recovery'
    : ({ password: 'password.change', totp: 'account.totp', passkey: 'passkey.add' } as const)[dialog];

function Line({
  title,
  about,
  nested,
  warn,
  children,
}: {
  title: string;
  about?: string | undefined;
  nested?: boolean;
  warn?: boolean;
  children?: ReactNode;
}) {
  return (
    <div className={css.line} data-nested={nested || undefined} data-warn={warn || undefined}>
      <div>
        <b>{title}</b>
        {about && <p>{about}</p>}
      </div>
      <div className={css.acts}>{children}</div>
    </div>
  );
}
