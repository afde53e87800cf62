import type { SessionNeed } from '../../core/permissions.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { logout, lookAgain, useSession } from '../state/index.ts';
import { AcceptTerms } from './accept-terms.tsx';
import { Door } from './door.tsx';
import { Enrol } from './enrol.tsx';
import { PasswordForm } from './password-form.tsx';
import { Prove } from './prove.tsx';
import css from './sign-in.module.css';

/** Somebody is signed in, and must do one more thing before they see anything. */
export function Finish() {
  const { t } = useTexts();
  const me = useSession((state) => state.me);
  if (!me?.needs) return null;
  return (
    <Door>
      <p className={css.who}>{me.displayName}</p>
      <Need need={me.needs} key={me.needs} />
      <Button look="link" className={css.leave ?? ''} onClick={() => void logout()}>
        {t('person.signOut')}
      </Button>
    </Door>
  );
}

function Need({ need }: { need: SessionNeed }) {
  const { t } = useTexts();
  switch (need) {
    case 'unlock':
      return (
        <>
          <h2 className={css.step}>{t('unlock.title')}</h2>
          <Prove act={t('unlock.act')} onProved={lookAgain} />
        </>
      );
    case 'second_factor':
      return (
        <>
          <h2 className={css.step}>{t('factor.title')}</h2>
          <Prove act={t('signIn.submit')} onProved={lookAgain} />
        </>
      );
    case 'enrolment':
      return <Enrol />;
    case 'password':
      return (
        <>
          <h2 className={css.step}>{t('password.must')}</h2>
          <p className={css.note}>{t('password.mustWhy')}</p>
          <PasswordForm onChanged={lookAgain} />
        </>
      );
    case 'terms':
      return <AcceptTerms />;
  }
}
