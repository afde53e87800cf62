import { Modal, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { AccountRequestCreate, type RequestAction } from '../../core/api/account-requests.ts';
import type { GrantInput, User } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './accounts.module.css';
import { DocumentFields, NEW_DOCUMENT } from './document-fields.tsx';
import { GrantFields, NEW_GRANT } from './grant-fields.tsx';
import { ScanChoice } from './scans.tsx';
import { useAgencies } from './use-limits.ts';

const SENSIBLE: Record<User['status'], RequestAction[]> = {
  active: ['change', 'lock', 'revoke'],
  locked: ['unlock', 'change', 'revoke'],
  revoked: [],
};
const NOBODY = '';

interface Props {
  /** Whose account it is about; absent = a new one. */
  user?: User;
  /** Whom a new account is for. */
  kind?: User['kind'];
  onClose(): void;
  /** The request is there; a scan that could not be added is added in its own page. */
  onFiled(id: number): void;
}

/** Asks for an account act on a written document, with its scan. */
export function RequestForm({ user, kind: wanted = 'person', onClose, onFiled }: Props) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const { agencies, agencyName } = useAgencies();
  const act = useAct<'file'>();
  const [action, setAction] = useState<RequestAction>(user ? (SENSIBLE[user.status][0] ?? 'lock') : 'grant');
  const [document, setDocument] = useState(NEW_DOCUMENT);
  const [reason, setReason] = useState('');
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [kind, setKind] = useState<User['kind']>(wanted);
  const [agencyId, setAgencyId] = useState(user?.agencyId ?? NOBODY);
  const [grants, setGrants] = useState<GrantInput[]>(user ? user.grants.map(asked) : [NEW_GRANT]);
  const [scan, setScan] = useState<File | null>(null);

  const agency = agencyId === NOBODY ? {} : { agencyId };
  const about = {
    grant: () => ({ username: username.trim(), displayName: displayName.trim(), kind, grants, ...agency }),
    change: () => ({ userId: user?.id ?? '', agencyId: agencyId === NOBODY ? null : agencyId, grants }),
    lock: () => ({ userId: user?.id ?? '' }),
    unlock: () => ({ userId: user?.id ?? '' }),
    revoke: () => ({ userId: user?.id ?? '' }),
  };
  const parsed = AccountRequestCreate.safeParse({ action, ...document, reason, ...about[action]() });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!parsed.success) return;
    await act.run('file', async () => {
      const { id } = await api.fileRequest(parsed.data);
      void queries.invalidateQueries({ queryKey: ['account-requests'] });
      // The request stands even when its scan was refused; its page says so and takes another.
      if (scan) await api.addScan(id, scan).catch(() => undefined);
      onFiled(id);
    });
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={user ? t('accounts.askAbout', { name: user.username }) : t('accounts.askNew')}
      size={720}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        {user && (
          <Choice
            label={t('accounts.action')}
            value={action}
            onChange={setAction}
            options={SENSIBLE[user.status].map((one) => ({ value: one, label: t(`accounts.action.${one}`) }))}
          />
        )}
        {action === 'grant' && (
          <>
            <div className={css.pair}>
              <TextInput
                label={t('signIn.username')}
                description={t('users.usernameRule')}
                autoComplete="off"
                data-autofocus
                value={username}
                onChange={(event) => setUsername(event.currentTarget.value)}
              />
              <TextInput
                label={t('users.displayName')}
                description={t('accounts.oneName')}
                autoComplete="off"
                maxLength={128}
                value={displayName}
                onChange={(event) => setDisplayName(event.currentTarget.value)}
              />
            </div>
            <Choice
              label={t('accounts.accountKind')}
              value={kind}
              onChange={setKind}
              options={[
                { value: 'person', label: t('accounts.person') },
                { value: 'service', label: t('accounts.service') },
              ]}
            />
          </>
        )}
        {(action === 'grant' || action === 'change') && (
          <>
            <Choice
              label={t('accounts.worksFor')}
              value={agencyId}
              onChange={setAgencyId}
              options={[
                { value: NOBODY, label: t('accounts.noAgency') },
                ...agencies
                  .filter(({ active }) => active)
                  .map(({ id }) => ({ value: id, label: agencyName(id) })),
              ]}
            />
            <GrantFields grants={grants} onChange={setGrants} />
          </>
        )}
        <DocumentFields draft={document} onChange={setDocument} />
        <Textarea
          label={t('accounts.reason')}
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ScanChoice file={scan} onChoose={setScan} />
        <ErrorLine error={act.error} />
        <div className={css.acts}>
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button look="primary" type="submit" busy={act.busy !== null} disabled={!parsed.success}>
            {t('accounts.file')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** A grant that stands, as the beginning of what is asked for. */
function asked({ role, agencies, areaIds, domains, maxClass, validTo }: User['grants'][number]): GrantInput {
  return { role, agencies, areaIds, domains, maxClass, ...(validTo === null ? {} : { validTo }) };
}
