import sql, { type Sql } from 'sql-template-tag';
import type { Queryable } from '../../core/ports.ts';

/** A person as far as the tables know one. */
export interface SubjectRow {
  id: string;
  username: string;
  display_name: string;
  status: 'active' | 'locked' | 'revoked';
  erased_at: Date | null;
}

/** Where one kind of personal data lies, how it is found, and how it goes. */
export interface Holding {
  /** Tables that must be there; a kind whose table is missing holds nothing. */
  tables: readonly string[];
  /** The rows of a person as `row jsonb`, the latest first. Absent = tied to nobody by name. */
  rows?(subject: SubjectRow): Sql;
  /** Takes it away; the number of rows that each statement returns is counted. */
  erase?(subject: SubjectRow, nothing: { hash: string; at: Date }): Sql[];
  /** Takes away what is older, a bounded part at a time. */
  expire?(before: Date): Sql;
}

/** Rows that expire in one statement. */
const EXPIRE_AT_ONCE = 5000;

/** Who acted, in histories that keep the name: also in the name of somebody else. */
const isActor = ({ username }: SubjectRow) =>
  sql`(actor = ${username} or actor like ${`${likeLiteral(username)} (%`})`;

const likeLiteral = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/** Whether somebody has ordered that what is of this time, and of this device where the order names some, must stay. */
const isHeld = (time: Sql, device: Sql) => sql`exists (
  select 1 from legal_holds h
  where h.released_at is null and ${time} >= h.from_time and ${time} < h.to_time
    and (h.device_ids is null or ${device} = any(h.device_ids)))`;

export const HOLDINGS: Readonly<Record<string, Holding>> = {
  account: {
    tables: ['users'],
    rows: ({ id }) => sql`
      select jsonb_build_object('username', username, 'displayName', display_name, 'agency', agency_id, 'status', status,
        'createdAt', created_at, 'lastUsedAt', last_used_at, 'termsVersion', terms_version,
        'termsAcceptedAt', terms_accepted_at) as row
      from users where id = ${id}`,
    erase: ({ id }, { at }) => [
      sql`update users set display_name = '–', agency_id = null, status = 'revoked', erased_at = ${at}
          where id = ${id} returning 1`,
    ],
  },
  grants: {
    tables: ['grants'],
    rows: ({ id }) => sql`
      select to_jsonb(g) - 'id' - 'user_id' as row from grants g where user_id = ${id} order by g.id desc`,
  },
  delegations: {
    tables: ['delegations'],
    rows: ({ id }) => sql`
      select jsonb_build_object('kind', kind, 'from', from_user, 'to', to_user, 'reason', reason, 'validFrom', valid_from,
        'validTo', valid_to, 'endedAt', ended_at) as row
      from delegations where from_user = ${id} or to_user = ${id} order by created_at desc`,
  },
  credentials: {
    tables: ['password_history', 'totp_factors', 'passkeys', 'recovery_codes', 'identity_links', 'secrets'],
    // That they are there is personal; what they are is nobody's to read.
    rows: ({ id }) => sql`
      select jsonb_build_object('what', 'password', 'since', password_changed_at) as row
      from users where id = ${id} and erased_at is null and password_hash is not null
      union all select jsonb_build_object('what', 'earlier password', 'since', replaced_at) from password_history where user_id = ${id}
      union all select jsonb_build_object('what', 'one-time codes', 'since', created_at) from totp_factors where user_id = ${id}
      union all select jsonb_build_object('what', 'passkey', 'name', name, 'since', created_at, 'lastUsedAt', last_used_at)
                from passkeys where user_id = ${id}
      union all select jsonb_build_object('what', 'recovery code', 'since', created_at) from recovery_codes where user_id = ${id}
      union all select jsonb_build_object('what', 'account elsewhere', 'issuer', issuer, 'label', label, 'since', linked_at)
                from identity_links where user_id = ${id}`,
    erase: ({ id }, { hash }) => [
      sql`update users set password_hash = ${hash} where id = ${id} and password_hash is not null returning 1`,
      sql`delete from password_history where user_id = ${id} returning 1`,
      sql`delete from totp_factors where user_id = ${id} returning 1`,
      sql`delete from passkeys where user_id = ${id} returning 1`,
      sql`delete from recovery_codes where user_id = ${id} returning 1`,
      sql`delete from identity_links where user_id = ${id} returning 1`,
      sql`delete from secrets where starts_with(name, ${`totp/${id}/`}) returning 1`,
    ],
  },
  sessions: {
    tables: ['sessions', 'refresh_tokens'],
    rows: ({ id }) => sql`
      select jsonb_build_object('createdAt', created_at, 'lastUsedAt', last_used_at, 'endedAt', revoked_at, 'ip', ip,
        'userAgent', user_agent, 'method', method) as row
      from sessions where user_id = ${id} order by created_at desc`,
    erase: ({ id }) => [
      sql`delete from refresh_tokens where session_id in (select id from sessions where user_id = ${id}) returning 1`,
      sql`delete from sessions where user_id = ${id} returning 1`,
    ],
    expire: (before) => sql`
      with gone as (
        select id from sessions where coalesce(revoked_at, expires_at) < ${before} limit ${EXPIRE_AT_ONCE}),
      tokens as (delete from refresh_tokens where session_id in (select id from gone))
      delete from sessions where id in (select id from gone) returning 1`,
  },
  api_keys: {
    tables: ['api_keys'],
    rows: ({ id }) => sql`
      select jsonb_build_object('name', name, 'createdAt', created_at, 'expiresAt', expires_at, 'lastUsedAt', last_used_at,
        'lastUsedIp', last_used_ip, 'revokedAt', revoked_at) as row
      from api_keys where user_id = ${id} order by created_at desc`,
    erase: ({ id }, { at }) => [
      sql`update api_keys set last_used_ip = null, revoked_at = coalesce(revoked_at, ${at}),
            revoked_by = coalesce(revoked_by, 'erasure') where user_id = ${id} returning 1`,
    ],
  },
  lockouts: {
    tables: ['sign_in_lockouts'],
    rows: ({ username }) => sql`
      select jsonb_build_object('source', source, 'until', until) as row
      from sign_in_lockouts where username = ${username} order by until desc`,
    erase: ({ username }) => [sql`delete from sign_in_lockouts where username = ${username} returning 1`],
    expire: (before) => sql`delete from sign_in_lockouts where until < ${before} returning 1`,
  },
  requests: {
    tables: ['account_requests'],
    rows: ({ id, username }) => sql`
      select jsonb_build_object('action', action, 'state', state, 'requester', requester_name, 'document', document_number,
        'displayName', display_name, 'submittedAt', submitted_at) as row
      from account_requests where user_id = ${id} or username = ${username} order by submitted_at desc`,
  },
  histories: {
    tables: ['alert_events', 'dispatch_events'],
    rows: (subject) => sql`
      select row from (
        select at, jsonb_build_object('at', at, 'alert', alert_id, 'kind', kind, 'text', text) as row
        from alert_events where ${isActor(subject)}
        union all
        select at, jsonb_build_object('at', at, 'dispatch', dispatch_id, 'state', state, 'note', note)
        from dispatch_events where ${isActor(subject)}) h
      order by at desc`,
  },
  audit: {
    tables: ['audit_log'],
    rows: ({ id }) => sql`
      select jsonb_build_object('at', at, 'action', action, 'object', object_type, 'objectId', object_id, 'ip', ip) as row
      from audit_log
      where actor_id = ${id} or on_behalf_id = ${id} or (object_type = 'account' and object_id = ${id})
      order by at desc, seq desc`,
  },
  pictures: {
    tables: ['alert_snapshots'],
    // A picture of what is still being handled stays. The name of the file comes back: it goes after the commit.
    expire: (before) => sql`
      delete from alert_snapshots where id in (
        select s.id from alert_snapshots s join alerts a on a.id = s.alert_id
        where s.taken_at < ${before} and a.state = 'closed' and not ${isHeld(sql`s.taken_at`, sql`a.subject_id`)}
        limit ${EXPIRE_AT_ONCE})
      returning file`,
  },
  tracks: {
    // Goes by `retention.positionsDays`, of server/retention.
    tables: ['positions'],
  },
  messages: {
    tables: ['quarantine'],
    expire: (before) => sql`
      delete from quarantine where id in (
        select q.id from quarantine q
        where q.received_at < ${before} and not ${isHeld(sql`q.received_at`, sql`q.device_id`)}
        order by q.id limit ${EXPIRE_AT_ONCE})
      returning 1`,
  },
};

const SUBJECT_ROWS = 500;

const SUBJECT = sql`select id, username, display_name, status, erased_at from users`;

/** People whose user name or name holds the text, whatever its marks and case; the exact user name first. */
export const subjectsNamed = (folded: string, limit: number) => sql`
  ${SUBJECT}
  where kind = 'person' and (
    lower(username) like ${`%${likeLiteral(folded)}%`}
    or translate(lower(normalize(display_name, NFD)), 'đ' || ${MARKS}, 'd') like ${`%${likeLiteral(folded)}%`})
  order by lower(username) = ${folded} desc, username limit ${limit}`;

/** Combining marks of Vietnamese letters, which `translate` drops. */
const MARKS = '\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323';

export const subjectById = (id: string, lock: boolean) =>
  lock
    ? sql`${SUBJECT} where id = ${id} and kind = 'person' for update`
    : sql`${SUBJECT} where id = ${id} and kind = 'person'`;

/** Those of the tables that are there. */
export async function existingTables(db: Queryable, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ name: string }>(sql`
    select name from unnest(${[...names]}::text[]) as given(name) where to_regclass('public.' || name) is not null`);
  return new Set(rows.map((row) => row.name));
}

export async function countOf(db: Queryable, rows: Sql): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`select count(*) as n from (${rows}) counted`);
  return row?.n ?? 0;
}

export const someOf = (rows: Sql) => sql`select * from (${rows}) latest limit ${SUBJECT_ROWS}`;

export interface RunRow {
  id: number;
  at: Date;
  kind: 'erasure' | 'retention';
  subject_id: string | null;
  by_name: string | null;
  reason: string | null;
  removed: Record<string, number>;
}

export const insertRun = (run: Omit<RunRow, 'id'>) => sql`
  insert into personal_data_runs (at, kind, subject_id, by_name, reason, removed)
  values (${run.at}, ${run.kind}, ${run.subject_id}, ${run.by_name}, ${run.reason}, ${JSON.stringify(run.removed)}::jsonb)`;

export const latestRuns = (limit: number) => sql`
  select id, at, kind, subject_id, by_name, reason, removed from personal_data_runs order by id desc limit ${limit}`;
