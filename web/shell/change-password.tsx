import { Modal, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { PasswordChange } from '../../core/api/auth.ts';
import { errorText, useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { api } from '../state/index.ts';
import css from './change-password.module.css';
import { notify } from './notices.ts';

/** A new password for oneself; the other sessions of the account end. */
export function ChangePassword({ onClose }: { onClose(): void }) {
  const { t, language } = useTexts();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const valid = PasswordChange.safeParse({ current, next }).success;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.changePassword({ current, next });
      notify(t('password.changed'));
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const failed = error === null ? null : errorText(error, language);
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
        {failed && (
          <p role="alert" className={css.error}>
            {failed.title} <small>{failed.code}</small>
          </p>
        )}
        <Button look="primary" type="submit" busy={busy} disabled={!valid}>
          {t('password.change')}
        </Button>
      </form>
    </Modal>
  );
}
