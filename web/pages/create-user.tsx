import { Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { UserCreate } from '../../core/api/auth.ts';
import { compareNames } from '../../core/text.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { useRoles } from '../parts/use-roles.ts';
import { api, useAreas } from '../state/index.ts';
import css from './create-user.module.css';

/** A new account with one grant; its password is made by the server and shown this once. */
export function CreateUser({ kind = 'person', onClose }: { kind?: 'person' | 'service'; onClose(): void }) {
  const { t, language } = useTexts();
  const queries = useQueryClient();
  const { roles, roleName } = useRoles();
  const areas = useAreas((state) => state.byId);
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState('operator');
  const [area, setArea] = useState('all');
  const act = useAct<'create'>();
  const [password, setPassword] = useState<string | null>(null);
  const body = {
    username: username.trim(),
    displayName: displayName.trim(),
    kind,
    grants: [{ role, areaIds: area === 'all' ? null : [area] }],
  };
  const valid = UserCreate.safeParse(body).success;
  const places = useMemo(
    () => [...areas.values()].sort((a, b) => b.level.localeCompare(a.level) || compareNames(a.name, b.name)),
    [areas],
  );
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('create', async () => {
      const created = await api.createUser(body);
      void queries.invalidateQueries({ queryKey: ['users'] });
      if (created.password === undefined) onClose();
      else setPassword(created.password);
    });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(kind === 'service' ? 'services.create' : 'users.create')}
      size={420}
      closeOnClickOutside={password === null}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      {password === null ? (
        <form className={css.form} onSubmit={(event) => void submit(event)}>
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
            autoComplete="off"
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
          <Choice
            label={t('users.role')}
            value={role}
            onChange={setRole}
            options={roles.map(({ id }) => ({ value: id, label: roleName(id) }))}
          />
          <Choice
            label={t('column.area')}
            value={area}
            onChange={setArea}
            options={[
              { value: 'all', label: t('users.everywhere') },
              ...places.map((one) => ({
                value: one.id,
                label: language === 'vi' ? one.fullName : one.fullNameEn,
              })),
            ]}
          />
          <ErrorLine error={act.error} />
          <Button look="primary" type="submit" busy={act.busy !== null} disabled={!valid}>
            {t('users.create')}
          </Button>
        </form>
      ) : (
        <div className={css.form}>
          <p>{t('users.passwordOnce', { name: body.username })}</p>
          <output className={css.password}>{password}</output>
          <Button look="primary" onClick={() => void navigator.clipboard?.writeText(password)}>
            {t('act.copy')}
          </Button>
          <Button onClick={onClose}>{t('act.close')}</Button>
        </div>
      )}
    </Modal>
  );
}
