import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import { CodeField } from './code-field.tsx';
import { QrCode } from './qr-code.tsx';
import css from './sign-in.module.css';

/** Scan, type the first code. Nothing has changed until that code was right. */
export function AddTotp({ onAdded }: { onAdded(recoveryCodes: string[] | null): void }) {
  const { t } = useTexts();
  const { data, error, refetch } = useQuery({
    queryKey: ['totp-enrolment'],
    queryFn: api.totpQuestion,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const [code, setCode] = useState('');
  const act = useAct<'add'>();
  if (!data)
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={6} />;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act.run('add', async () => {
      const { recoveryCodes } = await api.addTotp({ ticket: data.ticket, code: code.replace(/\s/g, '') });
      onAdded(recoveryCodes);
    });
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <p className={css.note}>{t('totp.scan')}</p>
      <QrCode text={data.uri} label={t('totp.qr')} />
      <p className={css.note}>{t('totp.orType')}</p>
      <output className={css.secret}>{data.secret.replace(/(.{4})(?=.)/g, '$1 ')}</output>
      <CodeField value={code} recovery={false} onChange={setCode} />
      <ErrorLine error={act.error} />
      <Button
        look="primary"
        type="submit"
        busy={act.busy !== null}
        disabled={!/^\d{6}$/.test(code.replace(/\s/g, ''))}
      >
        {t('totp.add')}
      </Button>
    </form>
  );
}
