import sql, { join, type Sql } from 'sql-template-tag';
import { isWhole, type Scope } from '../../core/permissions.ts';
import type { Queryable } from '../../core/ports.ts';
import { scopeCondition } from '../db/index.ts';

export interface QuarantineRow {
  id: number;
  received_at: Date;
  source: 'mqtt' | 'http' | 'file';
  device_id: string | null;
  topic: string | null;
  code: string;
  reason: string;
  payload: Buffer | null;
  payload_bytes: number;
  replayed_at: Date | null;
  replay_result: string | null;
}

export interface RowFilter {
  device?: string;
  code?: string;
  ids?: readonly number[];
  /** Only rows with a smaller id. */
  before?: number;
  /** Only rows with something to replay. */
  held?: boolean;
  /** Only rows that were never replayed. */
  fresh?: boolean;
}

/**
 * Rows of one message stand together and only the first holds its payload: what a row shows is its own or that of
 * the nearest row of the same message before it.
 */
const SAME_MESSAGE = sql`
  m.device_id = q.device_id and m.received_at = q.received_at and m.source = q.source
  and m.topic is not distinct from q.topic and m.payload_bytes = q.payload_bytes`;
const FROM = sql`
  from quarantine q
  left join devices d on d.id = q.device_id
  left join series ps on ps.device_id = d.id and ps.quantity = 'position'
  left join latest_positions p on p.series_id = ps.id
  left join lateral (
    select m.id, m.payload from quarantine m
    where ${SAME_MESSAGE} and m.id <= q.id and m.payload is not null
    order by m.id desc limit 1
  ) held on true`;

/** A row belongs where its device is; rows of nobody are for those whose grants have no limit. */
function visible(scope: Scope): Sql {
  if (isWhole(scope, 'restricted')) return sql`true`;
  const columns = {
    area: sql`coalesce(p.area_id, d.area_id)`,
    domain: sql`d.domain`,
    agency: sql`d.agency_id`,
    class: sql`d.class`,
  };
  const ofDevice = sql`(d.id is not null and ${scopeCondition(scope, columns)})`;
  return isWhole(scope, 'internal') ? sql`(d.id is null or ${ofDevice})` : ofDevice;
}

function conditions(scope: Scope, filter: RowFilter): Sql {
  const parts = [visible(scope)];
  if (filter.device !== undefined) parts.push(sql`q.device_id = ${filter.device}`);
  if (filter.code !== undefined) parts.push(sql`q.code = ${filter.code}`);
  if (filter.ids !== undefined) parts.push(sql`q.id = any(${[...filter.ids]}::bigint[])`);
  if (filter.before !== undefined) parts.push(sql`q.id < ${filter.before}`);
  if (filter.held) parts.push(sql`held.payload is not null and q.device_id is not null`);
  if (filter.fresh) parts.push(sql`q.replayed_at is null`);
  return join(parts, ' and ');
}

/** Newest first, payloads cut to `payloadBytes`. */
export function selectRows(
  database: Queryable,
  scope: Scope,
  filter: RowFilter,
  limit: number,
  payloadBytes: number,
): Promise<QuarantineRow[]> {
  return database.query<QuarantineRow>(sql`
    select q.id, q.received_at, q.source, q.device_id, q.topic, q.code, q.reason,
           substring(held.payload from 1 for ${payloadBytes}::int) as payload,
           q.payload_bytes, q.replayed_at, q.replay_result
    ${FROM} where ${conditions(scope, filter)} order by q.id desc limit ${limit}`);
}

export interface HeldMessage {
  /** The row that holds the payload. */
  id: number;
  received_at: Date;
  source: 'mqtt' | 'http' | 'file';
  device_id: string;
  topic: string | null;
  payload: Buffer;
}

/** The whole messages behind rows, each once, oldest first. */
export function selectMessages(
  database: Queryable,
  scope: Scope,
  filter: RowFilter,
  limit: number,
): Promise<HeldMessage[]> {
  return database.query<HeldMessage>(sql`
    select distinct on (held.id) held.id, q.received_at, q.source, q.device_id, q.topic, held.payload
    ${FROM} where ${conditions(scope, { ...filter, held: true })}
    order by held.id limit ${limit}`);
}

export async function countRows(database: Queryable, scope: Scope, filter: RowFilter): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    sql`select count(*) as n ${FROM} where ${conditions(scope, filter)}`,
  );
  return row?.n ?? 0;
}

/** Notes on every row of the message what came of its replay. */
export function noteReplay(heldId: number, at: Date, result: string): Sql {
  return sql`
    update quarantine m set replayed_at = ${at}, replay_result = ${result}
    from quarantine q where q.id = ${heldId} and (m.id = q.id or (${SAME_MESSAGE} and m.payload is null))`;
}
