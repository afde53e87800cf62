import { TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, isDeclined, makePasskey } from '../state/index.ts';
import css from './sign-in.module.css';

/** A passkey with a name by which its owner will know it again. */
export function AddPasskey({ onAdded }: { onAdded(recoveryCodes: string[] | null): void }) {
  const { t } = useTexts();
  const [name, setName] = useState('');
  const act = useAct<'add'>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('add', async () => {
      const question = await api.newPasskeyQuestion();
      const answer = await makePasskey(question, name.trim()).catch((error: unknown) => {
        if (!isDeclined(error)) throw error;
      });
      if (answer) onAdded((await api.addPasskey(answer)).recoveryCodes);
    });
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <p className={css.note}>{t('passkey.about')}</p>
      <TextInput
        label={t('passkey.name')}
        description={t('passkey.nameHint')}
        autoComplete="off"
        maxLength={64}
        autoFocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ErrorLine error={act.error} />
      <Button look="primary" type="submit" busy={act.busy !== null} disabled={name.trim() === ''}>
        {t('passkey.add')}
      </Button>
    </form>
  );
}
