import sql from 'sql-template-tag';
import type { AlertHold } from '../../../core/api/alerts.ts';

export interface Shelf {
  ruleId: string;
  subjectType: string;
  subjectId: string;
  hold: AlertHold;
  sinceMs: number;
  untilMs: number;
  reason: string;
  by: string;
}

export const putShelf = (shelf: Shelf) => sql`
  insert into alert_shelves (rule_id, subject_type, subject_id, hold, since, until, reason, by)
  values (${shelf.ruleId}, ${shelf.subjectType}, ${shelf.subjectId}, ${shelf.hold}, ${new Date(shelf.sinceMs)},
          ${new Date(shelf.untilMs)}, ${shelf.reason}, ${shelf.by})
  on conflict (rule_id, subject_type, subject_id) do update
  set hold = excluded.hold, since = excluded.since, until = excluded.until, reason = excluded.reason, by = excluded.by`;

export const dropShelf = (ruleId: string, subjectType: string, subjectId: string) => sql`
  delete from alert_shelves
  where rule_id = ${ruleId} and subject_type = ${subjectType} and subject_id = ${subjectId}`;

/** Puts new alerts whose alarm is shelved where the others of it are. */
export const holdFresh = (ids: readonly number[]) => sql`
  update alerts a
  set hold = s.hold, hold_until = s.until, hold_reason = s.reason, hold_by = s.by
  from alert_shelves s
  where a.id = any(${[...ids]}::bigint[]) and a.state <> 'closed' and s.rule_id = a.rule_id
    and s.subject_type = a.subject_type and s.subject_id = a.subject_id`;

export const setHold = (
  id: number,
  hold: { kind: AlertHold; untilMs: number; reason: string; by: string } | null,
) => sql`
  update alerts
  set hold = ${hold?.kind ?? null}, hold_until = ${hold ? new Date(hold.untilMs) : null},
      hold_reason = ${hold?.reason ?? null}, hold_by = ${hold?.by ?? null}
  where id = ${id}`;

export interface HeldRow {
  id: number;
  hold: AlertHold;
}

/** Open alerts of one alarm that are held back so. */
export const heldOf = (ruleId: string, subjectType: string, subjectId: string, hold: AlertHold) => sql`
  select id, hold from alerts
  where rule_id = ${ruleId} and subject_type = ${subjectType} and subject_id = ${subjectId} and hold = ${hold}
  order by id`;

/** Open alerts of one alarm that are not held back. */
export const openOf = (ruleId: string, subjectType: string, subjectId: string) => sql`
  select id from alerts
  where rule_id = ${ruleId} and subject_type = ${subjectType} and subject_id = ${subjectId}
    and state <> 'closed' and hold is null order by id`;

export interface ShelfRow {
  rule_id: string;
  subject_type: string;
  subject_id: string;
  hold: AlertHold;
}

export const expired = (nowMs: number, limit: number) => sql`
  select rule_id, subject_type, subject_id, hold from alert_shelves
  where until <= ${new Date(nowMs)} order by until, rule_id, subject_type, subject_id limit ${limit}`;
