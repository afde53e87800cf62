import sql from 'sql-template-tag';
import type { Severity } from '../../../core/api/common.ts';
import type { Scope } from '../../../core/permissions.ts';
import { scopeCondition } from '../../db/index.ts';
import { ALERT_SCOPE } from '../sql.ts';

export interface FigureRow {
  rule_id: string | null;
  title: string;
  subject_id: string;
  subject_name: string;
  severity: Severity;
  raised_at: Date;
  acknowledged_at: Date | null;
}

/** Alerts that were raised in a time, the latest first. */
export const raisedBetween = (scope: Scope, fromMs: number, toMs: number, limit: number) => sql`
  select a.rule_id, a.title, a.subject_id, a.subject_name, a.severity, a.raised_at, a.acknowledged_at
  from alerts a
  where a.raised_at >= ${new Date(fromMs)} and a.raised_at < ${new Date(toMs)} and ${scopeCondition(scope, ALERT_SCOPE)}
  order by a.raised_at desc limit ${limit + 1}`;

export interface StandingFigures {
  stale: number;
  held: number;
}

/** Open for more than a day, and kept out of the lists. */
export const standing = (scope: Scope, nowMs: number) => sql`
  select (count(*) filter (where a.raised_at < ${new Date(nowMs - 86_400_000)} and a.hold is null))::int as stale,
         (count(*) filter (where a.hold is not null))::int as held
  from alerts a where a.state <> 'closed' and ${scopeCondition(scope, ALERT_SCOPE)}`;
