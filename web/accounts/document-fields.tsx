import { TextInput } from '@mantine/core';
import { REQUESTER_KINDS, type RequesterKind } from '../../core/api/account-requests.ts';
import { useTexts } from '../i18n/index.ts';
import { Choice } from '../parts/page.tsx';
import css from './accounts.module.css';

export interface DocumentDraft {
  requesterKind: RequesterKind;
  requesterName: string;
  documentNumber: string;
  documentDate: string;
}
export const NEW_DOCUMENT: DocumentDraft = {
  requesterKind: 'unit',
  requesterName: '',
  documentNumber: '',
  documentDate: '',
};

/** Who asked in writing, and the number and date of the document. */
export function DocumentFields({
  draft,
  onChange,
}: {
  draft: DocumentDraft;
  onChange(draft: DocumentDraft): void;
}) {
  const { t } = useTexts();
  return (
    <>
      <Choice
        label={t('accounts.requesterKind')}
        value={draft.requesterKind}
        onChange={(requesterKind) => onChange({ ...draft, requesterKind })}
        options={REQUESTER_KINDS.map((kind) => ({ value: kind, label: t(`accounts.kind.${kind}`) }))}
      />
      <TextInput
        label={t('accounts.requesterName')}
        autoComplete="off"
        maxLength={200}
        value={draft.requesterName}
        onChange={(event) => onChange({ ...draft, requesterName: event.currentTarget.value })}
      />
      <div className={css.pair}>
        <TextInput
          label={t('accounts.documentNumber')}
          autoComplete="off"
          maxLength={64}
          value={draft.documentNumber}
          onChange={(event) => onChange({ ...draft, documentNumber: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('accounts.documentDate')}
          value={draft.documentDate}
          onChange={(event) => onChange({ ...draft, documentDate: event.currentTarget.value })}
        />
      </div>
    </>
  );
}
