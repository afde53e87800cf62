import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import css from './sign-in.module.css';

/** Codes that are shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone(): void }) {
  const { t } = useTexts();
  const text = codes.join('\n');
  return (
    <div className={css.form}>
      <p className={css.note}>{t('recovery.once')}</p>
      <ol className={css.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Button onClick={() => void navigator.clipboard?.writeText(text)}>{t('act.copy')}</Button>
      <Button look="primary" onClick={onDone}>
        {t('recovery.kept')}
      </Button>
    </div>
  );
}
