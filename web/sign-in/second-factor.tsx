import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { SecondFactorWanted } from '../../core/api/sign-in.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { answerPasskey, isDeclined, secondFactor } from '../state/index.ts';
import { CodeField } from './code-field.tsx';
import css from './sign-in.module.css';

/** What is asked for after the password: a code, a recovery code or a passkey. */
export function SecondFactorStep({
  wanted,
  onBack,
}: {
  wanted: Partial<Pick<SecondFactorWanted, 'challenge' | 'passkey'>> & Pick<SecondFactorWanted, 'factors'>;
  onBack(): void;
}) {
  const { t } = useTexts();
  const [code, setCode] = useState('');
  const act = useAct<'code' | 'passkey'>();
  const challenge = wanted.challenge === undefined ? {} : { challenge: wanted.challenge };
  const takesCode = wanted.factors.includes('totp') || wanted.factors.includes('recovery');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await act.run('code', () => secondFactor({ ...challenge, code: code.trim() })))) setCode('');
  };
  const withPasskey = () =>
    act.run('passkey', async () => {
      if (!wanted.passkey) return;
      const passkey = await answerPasskey(wanted.passkey).catch((error: unknown) => {
        if (!isDeclined(error)) throw error;
      });
      if (passkey) await secondFactor({ ...challenge, passkey });
    });
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <h2 className={css.step}>{t('factor.title')}</h2>
      {takesCode && (
        <CodeField value={code} recovery={wanted.factors.includes('recovery')} onChange={setCode} />
      )}
      <ErrorLine error={act.error} />
      {takesCode && (
        <Button
          look="primary"
          type="submit"
          busy={act.busy === 'code'}
          disabled={code.trim().length < 6}
          className={css.submit ?? ''}
        >
          {t('signIn.submit')}
        </Button>
      )}
      {wanted.passkey && (
        <Button
          look={takesCode ? 'plain' : 'primary'}
          icon={<IconFingerprint size={16} stroke={1.6} aria-hidden />}
          busy={act.busy === 'passkey'}
          onClick={() => void withPasskey()}
        >
          {t('factor.usePasskey')}
        </Button>
      )}
      <Button look="link" onClick={onBack}>
        {t('factor.back')}
      </Button>
    </form>
  );
}
