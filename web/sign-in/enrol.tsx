import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { api, lookAgain } from '../state/index.ts';
import { AddPasskey } from './add-passkey.tsx';
import { AddTotp } from './add-totp.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import css from './sign-in.module.css';

/** The account must have a second factor: chooses one, sets it up, shows the recovery codes. */
export function Enrol() {
  const { t } = useTexts();
  const { data } = useQuery({ queryKey: ['security'], queryFn: api.security });
  const [kind, setKind] = useState<'totp' | 'passkey' | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const added = (recoveryCodes: string[] | null) => {
    if (recoveryCodes) setCodes(recoveryCodes);
    else void lookAgain();
  };
  if (codes) return <RecoveryCodes codes={codes} onDone={() => void lookAgain()} />;
  return (
    <div className={css.form}>
      <h2 className={css.step}>{t('enrol.title')}</h2>
      {kind === null && (
        <>
          <p className={css.note}>{t('enrol.why')}</p>
          <Button
            look="primary"
            icon={<IconDeviceMobile size={16} stroke={1.6} aria-hidden />}
            onClick={() => setKind('totp')}
          >
            {t('enrol.totp')}
          </Button>
          {data?.passkeysPossible && (
            <Button
              icon={<IconFingerprint size={16} stroke={1.6} aria-hidden />}
              onClick={() => setKind('passkey')}
            >
              {t('enrol.passkey')}
            </Button>
          )}
        </>
      )}
      {kind === 'totp' && <AddTotp onAdded={added} />}
      {kind === 'passkey' && <AddPasskey onAdded={added} />}
      {kind !== null && (
        <Button look="link" onClick={() => setKind(null)}>
          {t('factor.back')}
        </Button>
      )}
    </div>
  );
}
