import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './account.module.css';
import { saveReport } from './save-report.ts';

/** Everything the centre holds of the person, as a file. */
export function OwnData() {
  const { t } = useTexts();
  const act = useAct<'save'>();
  return (
    <section className={css.section}>
      <div className={css.head}>
        <h2>{t('personal.mine')}</h2>
        <Button
          busy={act.busy !== null}
          onClick={() => void act.run('save', async () => saveReport(await api.ownData()))}
        >
          {t('personal.download')}
        </Button>
      </div>
      <p className={css.who}>{t('personal.mineMore')}</p>
      <ErrorLine error={act.error} />
    </section>
  );
}
