import { Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import css from './accounts.module.css';

/** Asks why before something is done that cannot simply be taken back. */
export function ReasonDialog(props: {
  title: string;
  /** What follows from it. */
  about: string;
  act: string;
  onClose(): void;
  onReason(reason: string): Promise<void>;
}) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const act = useAct<'act'>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act.run('act', () => props.onReason(reason.trim()));
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={460}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.form} onSubmit={submit}>
        <p>{props.about}</p>
        <Textarea
          label={t('accounts.reason')}
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ErrorLine error={act.error} />
        <div className={css.acts}>
          <Button onClick={props.onClose}>{t('act.cancel')}</Button>
          <Button look="primary" type="submit" busy={act.busy !== null} disabled={reason.trim() === ''}>
            {props.act}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
