import { PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { PasswordChange } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, isApiError } from '../state/index.ts';
import css from './sign-in.module.css';

/** A new password for oneself, by the rule that holds for this account. */
export function PasswordForm({ onChanged }: { onChanged(): unknown }) {
  const { t } = useTexts();
  const { data } = useQuery({ queryKey: ['security'], queryFn: api.security });
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const act = useAct<'change'>();
  const valid = PasswordChange.safeParse({ current, next }).success;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('change', async () => {
      await api.changePassword({ current, next });
      await onChanged();
    });
  };
  const rule = data?.password.rule;
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <PasswordInput
        label={t('password.current')}
        autoComplete="current-password"
        data-autofocus
        autoFocus
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('password.next')}
        description={
          rule &&
          t(rule.kinds > 1 ? 'password.ruleKinds' : 'password.rule', {
            length: rule.length,
            kinds: rule.kinds,
          })
        }
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <ErrorLine error={act.error} />
      {isApiError(act.error, 'request.invalid') && <p className={css.note}>{t('password.weak')}</p>}
      {isApiError(act.error, 'request.conflict') && <p className={css.note}>{t('password.used')}</p>}
      <Button look="primary" type="submit" busy={act.busy !== null} disabled={!valid}>
        {t('password.change')}
      </Button>
    </form>
  );
}
