import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { RequestStep } from '../../core/account-request-state.ts';
import { type AccountRequestDetail, AccountRequestDocument } from '../../core/api/account-requests.ts';
import type { GrantInput } from '../../core/api/auth.ts';
import { useTexts } from '../i18n/index.ts';
import { Button } from '../parts/button.tsx';
import { ErrorLine } from '../parts/states.tsx';
import { useAct } from '../parts/use-act.ts';
import { api } from '../state/index.ts';
import css from './accounts.module.css';
import { DocumentFields, NEW_DOCUMENT } from './document-fields.tsx';
import { GrantFields } from './grant-fields.tsx';
import { ScanChoice } from './scans.tsx';

/** Steps that say why. */
const WITH_REASON: readonly RequestStep[] = ['return', 'refuse', 'withdraw'];
/** The way on; the others are the ways out of it. */
const ONWARD: readonly RequestStep[] = ['check', 'approve', 'execute', 'confirm', 'document', 'resubmit'];
const FILING = ['awaiting_document', 'submitted', 'returned'];

interface Props {
  request: AccountRequestDetail;
  onDone(next: AccountRequestDetail): void;
  /** The generated password of a new account, shown this once. */
  onPassword(password: string): void;
}

/** What the person may do with a request now, each step a button; refusing and returning ask for the reason. */
export function RequestActs({ request, onDone, onPassword }: Props) {
  const { t } = useTexts();
  const { id, allowed } = request;
  const act = useAct<RequestStep | 'scan'>();
  const [note, setNote] = useState('');
  const [reply, setReply] = useState('');
  const [scan, setScan] = useState<File | null>(null);
  const [document, setDocument] = useState({
    ...NEW_DOCUMENT,
    requesterKind: request.requesterKind,
    requesterName: request.requesterName,
    documentNumber: request.documentNumber ?? '',
    documentDate: request.documentDate ?? '',
  });
  const [grants, setGrants] = useState<GrantInput[]>(request.grants ?? []);
  const said = note.trim() === '' ? undefined : note.trim();
  const mayAddScan =
    FILING.includes(request.state) &&
    (allowed.includes('withdraw') ||
      allowed.includes('check') ||
      allowed.includes('document') ||
      allowed.includes('resubmit'));
  const isDocument = allowed.includes('document');
  const isAmending = allowed.includes('resubmit');
  const documentFits = AccountRequestDocument.safeParse(document).success;

  const take: Partial<Record<RequestStep, () => Promise<AccountRequestDetail>>> = {
    document: () => api.giveDocument(id, { ...document, note: said }),
    resubmit: () => {
      const { requesterKind: _kind, ...amended } = document;
      return api.resubmitRequest(id, {
        ...amended,
        ...(request.grants !== null && !request.atOnce ? { grants } : {}),
        note: said,
      });
    },
    confirm: () =>
      api.confirmRequest(id, { note: said, ...(reply.trim() ? { replyNumber: reply.trim() } : {}) }),
    async execute() {
      const { password, ...next } = await api.executeRequest(id, said);
      if (password !== undefined) onPassword(password);
      return next;
    },
  };
  const run = (step: RequestStep) =>
    act.run(step, async () => {
      const other = step as 'check' | 'return' | 'approve' | 'refuse' | 'withdraw';
      onDone(await (take[step]?.() ?? api.requestStep(id, other, said)));
    });
  const add = () =>
    act.run('scan', async () => {
      if (!scan) return;
      await api.addScan(id, scan);
      setScan(null);
      onDone(await api.accountRequest(id));
    });

  if (allowed.length === 0 && !mayAddScan) return null;
  const ordered = allowed.toSorted((a, b) => Number(ONWARD.includes(a)) - Number(ONWARD.includes(b)));
  return (
    <section className={css.form} aria-label={t('accounts.next')}>
      {mayAddScan && (
        <div className={css.upload}>
          <ScanChoice key={request.scans} file={scan} onChoose={setScan} />
          <Button busy={act.busy === 'scan'} disabled={!scan} onClick={() => void add()}>
            {t('accounts.addScan')}
          </Button>
        </div>
      )}
      {(isDocument || isAmending) && <DocumentFields draft={document} onChange={setDocument} />}
      {isAmending && request.grants !== null && !request.atOnce && (
        <GrantFields grants={grants} onChange={setGrants} />
      )}
      {allowed.includes('confirm') && (
        <TextInput
          label={t('accounts.replyNumber')}
          autoComplete="off"
          maxLength={64}
          value={reply}
          onChange={(event) => setReply(event.currentTarget.value)}
        />
      )}
      {allowed.length > 0 && (
        <Textarea
          label={t('accounts.note')}
          description={
            allowed.some((step) => WITH_REASON.includes(step)) ? t('accounts.noteRule') : undefined
          }
          autosize
          minRows={2}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
      <ErrorLine error={act.error} />
      <div className={css.acts}>
        {ordered.map((step, n) => (
          <Button
            key={step}
            look={n === ordered.length - 1 && ONWARD.includes(step) ? 'primary' : 'plain'}
            busy={act.busy === step}
            disabled={
              (WITH_REASON.includes(step) && said === undefined) ||
              ((step === 'document' || step === 'resubmit') && !documentFits)
            }
            onClick={() => void run(step)}
          >
            {t(`accounts.step.${step}`)}
          </Button>
        ))}
      </div>
    </section>
  );
}
