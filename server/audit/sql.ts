import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Scope } from '../../core/permissions.ts';
import type { Queryable, Tx } from '../../core/ports.ts';
import { type ScopeColumns, scopeCondition } from '../db/index.ts';

/** Appends canonical entries to a chain inside the caller's transaction; the number of the last one. */
export async function append(tx: Tx, chain: string, entries: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ seq: number }>(sql`
    select audit_append(${chain}, ${[...entries]}::text[]) as seq`);
  return row?.seq ?? 0;
}

/** A row as the hash saw it: every text as it was hashed, the time to the microsecond. */
export interface AuditRow {
  chain: string;
  seq: number;
  /** UTC, ISO 8601 with microseconds. */
  at: string;
  action: string;
  actor_id: string;
  actor_name: string;
  on_behalf_id: string | null;
  on_behalf_name: string | null;
  session_id: string | null;
  ip: string | null;
  object_type: string | null;
  object_id: string | null;
  object_name: string | null;
  area_id: string | null;
  domain: string | null;
  agency_id: string | null;
  class: string | null;
  before: string | null;
  after: string | null;
  reason: string | null;
  request_id: string | null;
  prev_hash: Buffer;
  hash: Buffer;
}

const AT = sql`to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const ROW = sql`
  select l.chain, l.seq, ${AT} as at, l.action, l.actor_id, l.actor_name, l.on_behalf_id, l.on_behalf_name,
         l.session_id, l.ip, l.object_type, l.object_id, l.object_name, l.area_id, l.domain, l.agency_id, l.class,
         l.before::text as before, l.after::text as after, l.reason, l.request_id, l.prev_hash, l.hash
  from audit_log l`;

/** Rows of one chain in their order, after a number and up to one. */
export async function rowsAfter(
  db: Queryable,
  chain: string,
  after: number,
  upTo: number,
  limit: number,
): Promise<AuditRow[]> {
  return db.query<AuditRow>(sql`
    ${ROW} where l.chain = ${chain} and l.seq > ${after} and l.seq <= ${upTo} order by l.seq limit ${limit}`);
}

export interface HeadRow {
  chain: string;
  seq: number;
  hash: Buffer;
}

/** The last row of every chain. Steps from chain to chain in the index: the number of rows does not matter. */
export async function heads(db: Queryable): Promise<HeadRow[]> {
  return db.query<HeadRow>(sql`
    with recursive chains as (
      (select chain from audit_log order by chain limit 1)
      union all
      select (select l.chain from audit_log l where l.chain > c.chain order by l.chain limit 1)
      from chains c where c.chain is not null
    )
    select h.chain, h.seq, h.hash from chains c
    cross join lateral (
      select l.chain, l.seq, l.hash from audit_log l where l.chain = c.chain order by l.seq desc limit 1
    ) h
    where c.chain is not null`);
}

/** Hashes of a chain after a number, in order. */
export async function hashesAfter(
  db: Queryable,
  chain: string,
  after: number,
  limit: number,
): Promise<{ seq: number; hash: Buffer }[]> {
  return db.query(sql`
    select seq, hash from audit_log where chain = ${chain} and seq > ${after} order by seq limit ${limit}`);
}

export async function hashOf(db: Queryable, chain: string, seq: number): Promise<Buffer | undefined> {
  const [row] = await db.query<{ hash: Buffer }>(sql`
    select hash from audit_log where chain = ${chain} and seq = ${seq}`);
  return row?.hash;
}

export interface CheckpointRow {
  chain: string;
  seq: number;
  hash: Buffer;
  document: string;
  signature: string;
}

/** The latest closing of every chain that has one. */
export async function checkpoints(db: Queryable): Promise<CheckpointRow[]> {
  return db.query<CheckpointRow>(sql`
    select distinct on (chain) chain, seq, hash, document, signature
    from audit_checkpoints order by chain, seq desc`);
}

/** The last row of a chain before which every row is older than `before`; undefined when there is none to close. */
export async function lastExpired(
  db: Queryable,
  chain: string,
  before: Date,
): Promise<{ seq: number; hash: Buffer; from: number; at: Date } | undefined> {
  const [row] = await db.query<{ seq: number; hash: Buffer; from: number; at: Date }>(sql`
    select l.seq, l.hash, l.at, (select min(seq) from audit_log where chain = ${chain}) as "from"
    from audit_log l
    where l.chain = ${chain}
      and l.seq < coalesce((select min(seq) from audit_log where chain = ${chain} and at >= ${before}),
                           (select max(seq) from audit_log where chain = ${chain}))
    order by l.seq desc limit 1`);
  return row;
}

export async function close(
  tx: Tx,
  closing: { chain: string; seq: number; document: string; signature: string; at: Date },
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(sql`
    select audit_close(${closing.chain}, ${closing.seq}, ${closing.document}, ${closing.signature},
                       ${closing.at}) as count`);
  return row?.count ?? 0;
}

export interface AuditFilter {
  actor?: string;
  actions?: readonly string[];
  objectType?: string;
  objectId?: string;
  areaIds?: readonly string[];
  domain?: string;
  chain?: string;
  requestId?: string;
  from?: Date;
  to?: Date;
}

export interface AuditPosition {
  /** As in `AuditRow.at`. */
  at: string;
  chain: string;
  seq: number;
}

function conditions(filter: AuditFilter): Sql[] {
  const { actor, actions, objectType, objectId, areaIds, domain, chain, requestId, from, to } = filter;
  const when = (given: unknown, condition: () => Sql) => (given === undefined ? [] : [condition()]);
  return [
    ...when(
      actor,
      () => sql`(l.actor_id = ${actor} or l.actor_name = ${actor}
                 or l.on_behalf_id = ${actor} or l.on_behalf_name = ${actor})`,
    ),
    ...when(actions, () => sql`l.action = any(${[...(actions ?? [])]}::text[])`),
    ...when(objectType, () => sql`l.object_type = ${objectType}`),
    ...when(objectId, () => sql`l.object_id = ${objectId}`),
    ...when(areaIds, () => sql`l.area_id = any(${[...(areaIds ?? [])]}::text[])`),
    ...when(domain, () => sql`l.domain = ${domain}`),
    ...when(chain, () => sql`l.chain = ${chain}`),
    ...when(requestId, () => sql`l.request_id = ${requestId}`),
    ...when(from, () => sql`l.at >= ${from}`),
    ...when(to, () => sql`l.at < ${to}`),
  ];
}

/** Who may see which rows: the scope of a reader of the trail, or what a person did or suffered themselves. */
export type Visible = { scope: Scope } | { userId: string };

/** Entries about what has no class are of the centre's inner life. */
const PLACE: ScopeColumns = {
  area: sql`l.area_id`,
  domain: sql`l.domain`,
  agency: sql`l.agency_id`,
  class: sql`coalesce(l.class, 'internal')`,
};

function visible(who: Visible): Sql {
  if ('scope' in who) return scopeCondition(who.scope, PLACE);
  return sql`(l.actor_id = ${who.userId} or l.on_behalf_id = ${who.userId}
              or (l.object_type = 'account' and l.object_id = ${who.userId}))`;
}

/** The latest first; ties in the order of chain and number. */
export async function search(
  db: Queryable,
  who: Visible,
  filter: AuditFilter,
  after: AuditPosition | undefined,
  limit: number,
): Promise<AuditRow[]> {
  const next = after
    ? sql`and (l.at < ${after.at}::timestamptz
               or (l.at = ${after.at}::timestamptz
                   and (l.chain > ${after.chain} or (l.chain = ${after.chain} and l.seq < ${after.seq}))))`
    : empty;
  return db.query<AuditRow>(sql`
    ${ROW} where ${join([visible(who), ...conditions(filter)], ' and ')} ${next}
    order by l.at desc, l.chain, l.seq desc limit ${limit}`);
}

/** How many rows a search has, counted up to a limit. */
export async function countUpTo(
  db: Queryable,
  who: Visible,
  filter: AuditFilter,
  limit: number,
): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*) as count from (
      select 1 from audit_log l where ${join([visible(who), ...conditions(filter)], ' and ')} limit ${limit}
    ) counted`);
  return row?.count ?? 0;
}

export interface FacetRow {
  facet: 'rows' | 'action' | 'object' | 'chain' | 'actor';
  id: string;
  count: number;
}

/** What the latest `sample` rows of a search are made of; of persons the most frequent `actors`. */
export async function facets(
  db: Queryable,
  who: Visible,
  filter: AuditFilter,
  sample: number,
  actors: number,
): Promise<FacetRow[]> {
  return db.query<FacetRow>(sql`
    with latest as materialized (
      select l.action, l.object_type, l.chain, l.actor_name, l.on_behalf_name from audit_log l
      where ${join([visible(who), ...conditions(filter)], ' and ')}
      order by l.at desc limit ${sample}
    ), persons as (
      select name, count(*) as count
      from latest, lateral (values (actor_name), (on_behalf_name)) as t(name)
      where name is not null group by name order by count(*) desc, name limit ${actors}
    )
    select 'rows' as facet, '' as id, count(*) as count from latest
    union all select 'action', action, count(*) from latest group by action
    union all select 'object', object_type, count(*) from latest where object_type is not null group by object_type
    union all select 'chain', chain, count(*) from latest group by chain
    union all select 'actor', name, count from persons
    order by facet, count desc, id`);
}

/** How far the role that the product is signed in with could change the trail. */
export async function guardOf(db: Queryable): Promise<'owner' | 'superuser' | 'member'> {
  const [row] = await db.query<{ superuser: boolean; member: boolean }>(sql`
    select r.rolsuper as superuser,
           pg_has_role(r.oid, c.relowner, 'member') or r.rolcreaterole as member
    from pg_roles r, pg_class c where r.rolname = current_user and c.oid = 'audit_log'::regclass`);
  return row?.superuser ? 'superuser' : row?.member ? 'member' : 'owner';
}
