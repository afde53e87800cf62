import { Modal } from '@mantine/core';
import { useTexts } from '../i18n/index.ts';
import { useStepUp } from '../state/index.ts';
import { Prove } from './prove.tsx';
import css from './sign-in.module.css';

/** Asks who is there before an act that matters; the act goes on by itself afterwards. */
export function StepUp() {
  const { t } = useTexts();
  const resolve = useStepUp((state) => state.resolve);
  if (!resolve) return null;
  return (
    <Modal
      opened
      onClose={() => resolve(false)}
      title={t('prove.title')}
      size={400}
      zIndex={400}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <p className={css.note}>{t('prove.why')}</p>
      <Prove act={t('prove.act')} onProved={() => resolve(true)} />
    </Modal>
  );
}
