import { Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/page.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { notify } from '../shell/notices.ts';
import { api } from '../state/index.ts';
import css from './audit-export.module.css';
import type { auditQueryOf } from './audit-filter.tsx';

const FORMATS = ['jsonl', 'csv'] as const;

/** What the list shows as a file that can be verified by whoever gets it. The export is an entry itself. */
export function ExportAudit({ query, onClose }: { query: ReturnType<typeof auditQueryOf>; onClose(): void }) {
  const { t } = useTexts();
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('jsonl');
  const [reason, setReason] = useState('');
  const act = useAct<'export'>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act.run('export', async () => {
      const { blob, name } = await api.exportAudit({ ...query, format, reason: reason.trim() });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
    if (!done) return;
    notify(t('audit.exported'));
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('audit.export')}
      size={460}
      closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        <p>{t('audit.exportMore')}</p>
        <Choice
          label={t('audit.format')}
          value={format}
          options={FORMATS.map((id) => ({ value: id, label: t(`audit.format.${id}`) }))}
          onChange={setFormat}
        />
        <Textarea
          label={t('audit.exportReason')}
          required
          maxLength={500}
          rows={3}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ErrorLine error={act.error} />
        <Button look="primary" type="submit" busy={act.busy !== null} disabled={reason.trim() === ''}>
          {t('audit.export')}
        </Button>
      </form>
    </Modal>
  );
}
