import { Modal, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { PasswordChange } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './change-password.module.css';
import { notify } from './notices.ts';

/** A new password for oneself; the other sessions of the account end. */
export function ChangePassword({ onClose }: { onClose(): void }) {
  const { t } = useTexts();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const act = useAct<'change'>();
  const valid = PasswordChange.safeParse({ current, next }).success;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await act.run('change', () => api.changePassword({ current, next })))) return;
    notify(t('password.changed'));
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('password.change')}
      size={400}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        <PasswordInput
          label={t('password.current')}
          autoComplete="current-password"
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('password.next')}
          description={t('password.rule')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <ErrorLine error={act.error} />
        <Button look="primary" type="submit" busy={act.busy !== null} disabled={!valid}>
          {t('password.change')}
        </Button>
      </form>
    </Modal>
  );
}
