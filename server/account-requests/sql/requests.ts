import sql, { join, type Sql } from 'sql-template-tag';
import {
  OPEN_REQUEST_STATES,
  type RequestState,
  type RequestStatus,
  type RequestStep,
} from '../../../core/account-request-state.ts';
import type { RequestAction, RequesterKind, RequestScan } from '../../../core/api/account-requests.ts';
import type { GrantInput } from '../../../core/api/auth.ts';
import type { Queryable, Tx } from '../../../core/ports.ts';

export interface RequestRow {
  id: number;
  action: RequestAction;
  state: RequestState;
  done: boolean;
  at_once: boolean;
  document_due_at: Date | null;
  documented_at: Date | null;
  requester_kind: RequesterKind;
  requester_name: string;
  document_number: string | null;
  document_date: string | null;
  reason: string;
  user_id: string | null;
  kind: 'person' | 'service';
  username: string;
  display_name: string;
  agency_id: string | null;
  sets_agency: boolean;
  grants: GrantInput[] | null;
  taken: GrantInput[] | null;
  reply_number: string | null;
  submitted_at: Date;
  submitted_by: string;
  submitted_by_name: string;
  submitted_for: string | null;
  submitted_for_name: string | null;
  updated_at: Date;
  scans: number;
}

export interface StepRow {
  request_id: number;
  at: Date;
  step: RequestStep;
  actor_id: string;
  actor_name: string;
  on_behalf_id: string | null;
  on_behalf_name: string | null;
  note: string | null;
}

/** Who did something, under which name, for whom. */
export interface Hand {
  id: string;
  name: string;
  forId: string | null;
  forName: string | null;
}

const REQUEST = sql`
  select r.id, r.action, r.state, r.done, r.at_once, r.document_due_at, r.documented_at, r.requester_kind,
    r.requester_name, r.document_number, r.document_date::text as document_date, r.reason, r.user_id, r.kind, r.username,
    r.display_name, r.agency_id, r.sets_agency, r.grants, r.taken, r.reply_number, r.submitted_at, r.submitted_by,
    r.submitted_by_name, r.submitted_for, r.submitted_for_name, r.updated_at,
    (select count(*)::int from account_request_scans s where s.request_id = r.id) as scans
  from account_requests r`;

export async function requestById(db: Queryable, id: number): Promise<RequestRow | undefined> {
  return (await db.query<RequestRow>(sql`${REQUEST} where r.id = ${id}`))[0];
}

/** The row as it stands, kept from others until the transaction ends. */
export async function lockRequest(tx: Tx, id: number): Promise<RequestRow | undefined> {
  await tx.query(sql`select id from account_requests where id = ${id} for update`);
  return requestById(tx, id);
}

export interface RequestFilter {
  state?: RequestState | 'open' | undefined;
  action?: RequestAction | undefined;
  userId?: string | undefined;
  /** ISO dates, in the centre's time zone. */
  from?: string | undefined;
  to?: string | undefined;
  late?: boolean | undefined;
  /** Only what was carried out at some time. */
  executed?: boolean | undefined;
}

/** Requests after a number, the latest first. */
export async function listRequests(
  db: Queryable,
  filter: RequestFilter,
  page: { before: number | null; limit: number; timeZone: string; at: Date },
): Promise<RequestRow[]> {
  const where: Sql[] = [sql`true`];
  if (page.before !== null) where.push(sql`r.id < ${page.before}`);
  if (filter.state === 'open') where.push(sql`r.state = any(${[...OPEN_REQUEST_STATES]}::text[])`);
  else if (filter.state !== undefined) where.push(sql`r.state = ${filter.state}`);
  if (filter.action !== undefined) where.push(sql`r.action = ${filter.action}`);
  if (filter.userId !== undefined) where.push(sql`r.user_id = ${filter.userId}`);
  if (filter.from !== undefined)
    where.push(sql`r.submitted_at >= (${filter.from}::date)::timestamp at time zone ${page.timeZone}`);
  if (filter.to !== undefined)
    where.push(sql`r.submitted_at < (${filter.to}::date)::timestamp at time zone ${page.timeZone}`);
  if (filter.late) where.push(lateAt(page.at));
  if (filter.executed)
    where.push(sql`exists (select 1 from account_request_steps s
      where s.request_id = r.id and s.step in ('act_at_once', 'execute'))`);
  return db.query<RequestRow>(sql`
    ${REQUEST} where ${join(where, ' and ')} order by r.id desc limit ${page.limit}`);
}

/** The document is missing past its time, or came after it. */
const lateAt = (at: Date) => sql`r.document_due_at < coalesce(r.documented_at, ${at}::timestamptz)`;

/** Acts carried out at once whose document is missing: past its time, and in all. */
export async function countWithoutDocument(
  db: Queryable,
  at: Date,
): Promise<{ waiting: number; late: number; oldest: number | null }> {
  const [row] = await db.query<{ waiting: number; late: number; oldest: number | null }>(sql`
    select count(*)::int as waiting, (count(*) filter (where document_due_at < ${at}))::int as late,
      min(id) as oldest
    from account_requests where state = 'awaiting_document'`);
  return row ?? { waiting: 0, late: 0, oldest: null };
}

export interface NewRequest {
  action: RequestAction;
  status: RequestStatus;
  atOnce: { documentDueAt: Date } | null;
  requesterKind: RequesterKind;
  requesterName: string;
  document: { number: string; date: string } | null;
  reason: string;
  userId: string | null;
  kind: RequestRow['kind'];
  username: string;
  displayName: string;
  agencyId: string | null;
  setsAgency: boolean;
  grants: readonly GrantInput[] | null;
  taken: readonly GrantInput[] | null;
  by: Hand;
  at: Date;
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value));

/** Undefined when an open request asks for the same new name. */
export async function insertRequest(tx: Tx, request: NewRequest): Promise<number | undefined> {
  const { status, by, at } = request;
  const [row] = await tx.query<{ id: number }>(sql`
    insert into account_requests (action, state, done, at_once, document_due_at, requester_kind, requester_name,
      document_number, document_date, reason, user_id, kind, username, display_name, agency_id, sets_agency, grants, taken,
      submitted_at, submitted_by, submitted_by_name, submitted_for, submitted_for_name, updated_at)
    values (${request.action}, ${status.state}, ${status.done}, ${request.atOnce !== null},
      ${request.atOnce?.documentDueAt ?? null}, ${request.requesterKind}, ${request.requesterName},
      ${request.document?.number ?? null}, ${request.document?.date ?? null}::date, ${request.reason},
      ${request.userId}, ${request.kind}, ${request.username}, ${request.displayName}, ${request.agencyId}, ${request.setsAgency},
      ${json(request.grants)}::jsonb, ${json(request.taken)}::jsonb,
      ${at}, ${by.id}, ${by.name}, ${by.forId}, ${by.forName}, ${at})
    on conflict do nothing
    returning id`);
  return row?.id;
}

export async function insertStep(
  tx: Tx,
  requestId: number,
  step: RequestStep,
  by: Hand,
  note: string | null,
  at: Date,
): Promise<void> {
  await tx.query(sql`
    insert into account_request_steps (request_id, at, step, actor_id, actor_name, on_behalf_id, on_behalf_name, note)
    values (${requestId}, ${at}, ${step}, ${by.id}, ${by.name}, ${by.forId}, ${by.forName}, ${note})`);
}

export interface RequestChange {
  requesterKind?: RequesterKind | undefined;
  requesterName?: string | undefined;
  documentNumber?: string | undefined;
  documentDate?: string | undefined;
  reason?: string | undefined;
  grants?: readonly GrantInput[] | undefined;
  documentedAt?: Date | undefined;
  userId?: string | undefined;
  replyNumber?: string | undefined;
}

export async function updateRequest(
  tx: Tx,
  id: number,
  status: RequestStatus,
  change: RequestChange,
  at: Date,
): Promise<void> {
  const sets = [sql`state = ${status.state}`, sql`done = ${status.done}`, sql`updated_at = ${at}`];
  const { requesterKind, requesterName, documentNumber, documentDate, reason } = change;
  if (requesterKind !== undefined) sets.push(sql`requester_kind = ${requesterKind}`);
  if (requesterName !== undefined) sets.push(sql`requester_name = ${requesterName}`);
  if (documentNumber !== undefined) sets.push(sql`document_number = ${documentNumber}`);
  if (documentDate !== undefined) sets.push(sql`document_date = ${documentDate}::date`);
  if (reason !== undefined) sets.push(sql`reason = ${reason}`);
  if (change.grants !== undefined) sets.push(sql`grants = ${JSON.stringify(change.grants)}::jsonb`);
  if (change.documentedAt !== undefined) sets.push(sql`documented_at = ${change.documentedAt}`);
  if (change.userId !== undefined) sets.push(sql`user_id = ${change.userId}`);
  if (change.replyNumber !== undefined) sets.push(sql`reply_number = ${change.replyNumber}`);
  await tx.query(sql`update account_requests set ${join(sets)} where id = ${id}`);
}

export async function stepsOf(db: Queryable, ids: readonly number[]): Promise<StepRow[]> {
  return db.query<StepRow>(sql`
    select request_id, at, step, actor_id, actor_name, on_behalf_id, on_behalf_name, note
    from account_request_steps where request_id = any(${[...ids]}::bigint[]) order by id`);
}

export interface ScanRow {
  id: string;
  name: string;
  media_type: RequestScan['mediaType'];
  size_bytes: number;
  sha256: Buffer;
  uploaded_at: Date;
  uploaded_by_name: string;
}

export async function scansOf(db: Queryable, requestId: number): Promise<ScanRow[]> {
  return db.query<ScanRow>(sql`
    select id, name, media_type, length(content) as size_bytes, sha256, uploaded_at, uploaded_by_name
    from account_request_scans where request_id = ${requestId} order by uploaded_at, id`);
}

export async function insertScan(
  tx: Tx,
  requestId: number,
  scan: { id: string; name: string; mediaType: string; sha256: Buffer; content: Buffer; by: Hand; at: Date },
): Promise<void> {
  await tx.query(sql`
    insert into account_request_scans (id, request_id, name, media_type, sha256, content, uploaded_at, uploaded_by,
                                       uploaded_by_name)
    values (${scan.id}, ${requestId}, ${scan.name}, ${scan.mediaType}, ${scan.sha256}, ${scan.content}, ${scan.at},
            ${scan.by.id}, ${scan.by.name})`);
}

export async function scanContent(
  db: Queryable,
  requestId: number,
  scanId: string,
): Promise<{ name: string; media_type: RequestScan['mediaType']; content: Buffer } | undefined> {
  const [row] = await db.query<{ name: string; media_type: RequestScan['mediaType']; content: Buffer }>(sql`
    select name, media_type, content from account_request_scans
    where request_id = ${requestId} and id = ${scanId}`);
  return row;
}
