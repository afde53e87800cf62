import type { z } from 'zod';
import type {
  AccountRequest,
  RegisterEntry,
  RequestScan,
  RequestStepDto,
} from '../../core/api/account-requests.ts';
import type { Standing } from '../accounts/index.ts';
import type { RequestRow, ScanRow, StepRow } from './sql/requests.ts';

const isLate = (row: Pick<RequestRow, 'document_due_at' | 'documented_at'>, nowMs: number): boolean =>
  row.document_due_at !== null && row.document_due_at.getTime() < (row.documented_at?.getTime() ?? nowMs);

export function requestDto(row: RequestRow, target: Standing | undefined, nowMs: number): AccountRequest {
  return {
    id: row.id,
    action: row.action,
    state: row.state,
    done: row.done,
    atOnce: row.at_once,
    requesterKind: row.requester_kind,
    requesterName: row.requester_name,
    documentNumber: row.document_number,
    documentDate: row.document_date,
    documentDueAt: row.document_due_at?.toISOString() ?? null,
    documentLate: isLate(row, nowMs),
    reason: row.reason,
    target: {
      userId: row.user_id,
      kind: row.kind,
      username: row.username,
      displayName: target?.displayName ?? row.display_name,
      agencyId: row.action === 'grant' || row.sets_agency ? row.agency_id : (target?.agencyId ?? null),
      status: target?.status ?? null,
    },
    grants: row.grants,
    replyNumber: row.reply_number,
    submittedBy: { id: row.submitted_by, name: row.submitted_by_name, onBehalfOf: row.submitted_for_name },
    submittedAt: row.submitted_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    scans: row.scans,
  };
}

export const stepDto = (row: StepRow): z.output<typeof RequestStepDto> => ({
  at: row.at.toISOString(),
  step: row.step,
  by: { id: row.actor_id, name: row.actor_name, onBehalfOf: row.on_behalf_name },
  note: row.note,
});

export const scanDto = (row: ScanRow): RequestScan => ({
  id: row.id,
  name: row.name,
  mediaType: row.media_type,
  sizeBytes: row.size_bytes,
  sha256: row.sha256.toString('hex'),
  uploadedAt: row.uploaded_at.toISOString(),
  uploadedBy: row.uploaded_by_name,
});

/** With the name of whoever lent the power for it, as histories show it. */
const handOf = (step: StepRow | undefined): string | null => {
  if (!step) return null;
  return step.on_behalf_name === null ? step.actor_name : `${step.actor_name} (thay ${step.on_behalf_name})`;
};

export function registerDto(row: RequestRow, steps: readonly StepRow[], nowMs: number): RegisterEntry {
  const last = (...wanted: StepRow['step'][]) => steps.findLast(({ step }) => wanted.includes(step));
  const [decided, executed, confirmed] = [
    last('approve', 'refuse'),
    last('act_at_once', 'execute'),
    last('confirm'),
  ];
  return {
    requestId: row.id,
    action: row.action,
    state: row.state,
    username: row.username,
    displayName: row.display_name,
    agencyId: row.agency_id,
    requesterKind: row.requester_kind,
    requesterName: row.requester_name,
    documentNumber: row.document_number,
    documentDate: row.document_date,
    documentLate: isLate(row, nowMs),
    grants: row.grants,
    submittedAt: row.submitted_at.toISOString(),
    submittedBy: row.submitted_by_name,
    decidedAt: decided?.at.toISOString() ?? null,
    decidedBy: handOf(decided),
    executedAt: executed?.at.toISOString() ?? null,
    executedBy: handOf(executed),
    confirmedAt: confirmed?.at.toISOString() ?? null,
    replyNumber: row.reply_number,
  };
}
