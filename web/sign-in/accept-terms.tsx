import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine, ErrorNote, Skeleton } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api, lookAgain } from '../state/index.ts';
import css from './sign-in.module.css';

/** The terms of security, to be read and accepted once in each version. */
export function AcceptTerms() {
  const { t, language } = useTexts();
  const { data, error, refetch } = useQuery({ queryKey: ['terms'], queryFn: api.terms });
  const act = useAct<'accept'>();
  if (!data)
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={6} />;
  const accept = () =>
    act.run('accept', async () => {
      await api.acceptTerms(data.version);
      await lookAgain();
    });
  return (
    <div className={css.form}>
      <h2 className={css.step}>{data[language].title}</h2>
      <ul className={css.terms}>
        {data[language].points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <ErrorLine error={act.error} />
      <Button
        look="primary"
        busy={act.busy !== null}
        className={css.submit ?? ''}
        autoFocus
        onClick={() => void accept()}
      >
        {t('terms.accept')}
      </Button>
    </div>
  );
}
