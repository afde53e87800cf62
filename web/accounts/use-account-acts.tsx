import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useState } from 'react';
import type { User } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { api, useMay, useSession } from '../state/index.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { RequestDetail } from './request-detail.tsx';
import { RequestForm } from './request-form.tsx';

type Asked = { user: User } | { kind: User['kind'] };

/** What a list of accounts offers: a request for a new one, one about each, and the emergency lock. */
export function useAccountActs(): {
  mayAsk: boolean;
  askNew(kind: User['kind']): void;
  /** Buttons beside one account; nothing for one's own and for a closed one. */
  actsOn(user: User): ReactNode;
  /** The dialogs that are open. */
  dialogs: ReactNode;
} {
  const { t } = useTexts();
  const queries = useQueryClient();
  const mayAsk = useMay('accounts.request');
  const mayLock = useMay('accounts.lock');
  const myId = useSession((state) => state.me?.id);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [locking, setLocking] = useState<User | null>(null);
  const [opened, setOpened] = useState<number | null>(null);

  const actsOn = useCallback(
    (user: User) =>
      user.status === 'revoked' || user.id === myId ? null : (
        <>
          {mayAsk && (
            <Button look="link" onClick={() => setAsked({ user })}>
              {t('accounts.ask')}
            </Button>
          )}
          {mayLock && user.status === 'active' && (
            <Button look="link" onClick={() => setLocking(user)}>
              {t('accounts.lockNow')}
            </Button>
          )}
        </>
      ),
    [t, mayAsk, mayLock, myId],
  );

  return {
    mayAsk,
    askNew: (kind) => setAsked({ kind }),
    actsOn,
    dialogs: (
      <>
        {asked !== null && (
          <RequestForm
            {...asked}
            onClose={() => setAsked(null)}
            onFiled={(id) => {
              setAsked(null);
              setOpened(id);
            }}
          />
        )}
        {locking && (
          <ReasonDialog
            title={t('accounts.lockNowOf', { name: locking.username })}
            about={t('accounts.lockNowAbout')}
            act={t('accounts.lockNow')}
            onClose={() => setLocking(null)}
            onReason={async (reason) => {
              const { id } = await api.lockAtOnce(locking.id, reason);
              await queries.invalidateQueries({ queryKey: ['users'] });
              setLocking(null);
              setOpened(id);
            }}
          />
        )}
        {opened !== null && <RequestDetail id={opened} onClose={() => setOpened(null)} />}
      </>
    ),
  };
}
