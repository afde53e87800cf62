import { PasswordInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { z } from 'zod';
import type { StepUpRequest } from '../../core/api/sign-in.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { answerPasskey, api, isDeclined } from '../state/index.ts';
import { CodeField } from './code-field.tsx';
import css from './sign-in.module.css';

/** Proves again who is there, with whatever the account has. */
export function Prove({ act: word, onProved }: { act: string; onProved(): unknown }) {
  const { t } = useTexts();
  const { data, error, refetch } = useQuery({
    queryKey: ['step-up'],
    queryFn: api.stepUpQuestion,
    gcTime: 0,
    staleTime: 0,
  });
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const act = useAct<'form' | 'passkey'>();
  if (!data)
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={3} />;

  const byPassword = data.methods.includes('password');
  const byCode = data.methods.includes('totp') || data.methods.includes('recovery');
  const send = async (proof: z.input<typeof StepUpRequest>) => {
    await api.stepUp(proof);
    await onProved();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const proof = password === '' ? { code: code.trim() } : { password };
    if (await act.run('form', () => send(proof))) return;
    setPassword('');
    setCode('');
  };
  const withPasskey = () =>
    act.run('passkey', async () => {
      // A question is good for one answer.
      const { data: fresh } = await refetch();
      if (!fresh?.passkey) return;
      const passkey = await answerPasskey(fresh.passkey).catch((failure: unknown) => {
        if (!isDeclined(failure)) throw failure;
      });
      if (passkey) await send({ passkey });
    });
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      {byPassword && (
        <PasswordInput
          label={t('signIn.password')}
          name="password"
          autoComplete="current-password"
          autoFocus
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      {byCode && <CodeField value={code} recovery={data.methods.includes('recovery')} onChange={setCode} />}
      <ErrorLine error={act.error} />
      {(byPassword || byCode) && (
        <Button
          look="primary"
          type="submit"
          busy={act.busy === 'form'}
          disabled={password === '' && code.trim().length < 6}
          className={css.submit ?? ''}
        >
          {word}
        </Button>
      )}
      {data.passkey && (
        <Button
          look={byPassword || byCode ? 'plain' : 'primary'}
          icon={<IconFingerprint size={16} stroke={1.6} aria-hidden />}
          busy={act.busy === 'passkey'}
          onClick={() => void withPasskey()}
        >
          {t('factor.usePasskey')}
        </Button>
      )}
    </form>
  );
}
