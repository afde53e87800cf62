import type { z } from 'zod';
import { alertFor, eventFor, scopeOfAlert } from '../../core/alert-mask.ts';
import {
  type AlertEventKind,
  MOST_SHELVED_MIN,
  nextAlertStatus,
  OPEN_ALERT_STATES,
} from '../../core/alert-state.ts';
import {
  ALERT_STATES,
  type Alert,
  type AlertCounts,
  type AlertDetail,
  type AlertEvent,
  type AlertFigures,
  type AlertHistogram,
  type AlertHold,
  type AlertQuery,
  type AlertState,
} from '../../core/api/alerts.ts';
import { SEVERITIES, type Severity } from '../../core/api/common.ts';
import type { AuditAction } from '../../core/audit-actions.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { EventMap } from '../../core/events.ts';
import { actorOf, type Caller, can, type Scope, scopeOf } from '../../core/permissions.ts';
import type { AuditTrail, Bus, Database, Queryable, Tx } from '../../core/ports.ts';
import { decodeCursor, pageOf } from '../http/index.ts';
import { type AlertChange, announcementsOf, mentionsOf, takeNumbers, withMentions } from './apply.ts';
import { alertDto, eventDto } from './dto.ts';
import { figuresOf } from './figures.ts';
import type { FigureRow, StandingFigures } from './sql/figures.ts';
import * as figuresSql from './sql/figures.ts';
import * as shelves from './sql/shelves.ts';
import * as q from './sql.ts';

interface AlertLine {
  alertId: number;
  kind: AlertEventKind;
  actor: string;
  text: string | null;
  data?: Record<string, unknown>;
}

export interface AlertService {
  list(
    caller: Caller,
    query: z.output<typeof AlertQuery>,
  ): Promise<{ items: Alert[]; nextCursor: string | null }>;
  detail(caller: Caller, id: number): Promise<AlertDetail>;
  /** The alert, if the caller may read it; otherwise `request.not_found`. */
  inScope(caller: Caller, id: number): Promise<Alert>;
  /** What an operator does: the line is written, the status follows, the change is announced. */
  act(
    caller: Caller,
    id: number,
    kind: 'acknowledged' | 'resolved' | 'commented',
    body: { text?: string; expectedState?: AlertState },
  ): Promise<Alert>;
  /** Keeps the alarm out of the lists for a time: this alert and what comes of it meanwhile. */
  shelve(caller: Caller, id: number, body: { reason: string; minutes: number }): Promise<Alert>;
  unshelve(caller: Caller, id: number): Promise<Alert>;
  /** Takes down what has been on the shelf long enough. */
  takeDown(): Promise<void>;
  figures(caller: Caller, hours: number): Promise<AlertFigures>;
  counts(caller: Caller): Promise<AlertCounts>;
  histogram(caller: Caller, hours: number): Promise<z.output<typeof AlertHistogram>>;
  /**
   * Lines after `seq` of alerts in scope, each with its alert as it is now: what a client that was away missed.
   * `reader` = for whom; without one it is the product that asks.
   */
  eventsSince(
    scope: Scope,
    seq: number,
    limit: number,
    reader?: Caller,
  ): Promise<EventMap['alert.changed'][]>;
  lastSeq(): Promise<number>;
  /**
   * The alert, if the scope covers it, for another capability that is about to write a line to it. Takes the lock
   * of the alert history, so it must be the first statement of the transaction.
   */
  lockInScope(tx: Tx, id: number, scope: Scope): Promise<Alert | undefined>;
  /** Appends a line in the caller's transaction; what comes back is announced after the commit. */
  append(tx: Tx, line: AlertLine): Promise<AlertChange[]>;
  announce(changes: readonly AlertChange[]): void;
}

const ACTS = {
  acknowledged: 'alert.acknowledge',
  resolved: 'alert.resolve',
  commented: 'alert.comment',
} as const satisfies Record<string, AuditAction>;

/** How a hold ends by itself. */
const ENDS = { shelved: 'unshelved', suppressed: 'released', out_of_service: 'put_back' } as const;
const MOST_TAKEN_DOWN = 200;
const MOST_FIGURES = 50_000;

type NewHold = { kind: AlertHold; untilMs: number; reason: string; by: string };

/** Reading and operating alerts. A row out of the caller's scope does not exist for them. */
export function createAlertService(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
}): AlertService {
  const { database, bus, clock, audit } = deps;

  /** `hold` belongs to the lines that begin or end one. */
  const append = async (tx: Tx, line: AlertLine, hold?: NewHold | null): Promise<AlertChange[]> => {
    await tx.query(q.lockAlerts());
    const [row] = await tx.query<q.AlertRow>(q.alertsById([line.alertId]));
    if (!row) throw new AppError('request.not_found');
    const from = { state: row.state, active: row.active, ...(row.hold ? { hold: row.hold } : {}) };
    const to = nextAlertStatus(from, line.kind);
    const { seqs } = await takeNumbers(tx, 0, 1);
    const now = new Date(clock.now()).toISOString();
    const acknowledged = line.kind === 'acknowledged';
    const event: q.NewEventRow = {
      seq: seqs[0] ?? 0,
      alert_id: row.id,
      at: now,
      kind: line.kind,
      actor: line.actor,
      from_state: from.state,
      to_state: to.state,
      text: line.text,
      data: line.data ?? {},
    };
    await tx.query(
      q.updateAlerts([
        {
          id: row.id,
          state: to.state,
          active: to.active,
          cleared_at: null,
          closed_at: to.state === 'closed' && from.state !== 'closed' ? now : null,
          acknowledged_at: acknowledged ? now : null,
          acknowledged_by: acknowledged ? line.actor : null,
          explanation: null,
          evidence: null,
          occurrences: null,
          peak: null,
          last_seq: event.seq,
        },
      ]),
    );
    if (hold !== undefined) await tx.query(shelves.setHold(row.id, hold));
    await tx.query(q.insertEvents([event]));
    return await announcementsOf(tx, [event]);
  };

  const readable = async (db: Queryable, caller: Caller, id: number): Promise<q.AlertRow> => {
    const [row] = await db.query<q.AlertRow>(q.alertInScope(id, scopeOf(caller, 'alerts.read')));
    if (!row) throw new AppError('request.not_found');
    return row;
  };

  /** What the lines and alerts mention: a camera that the caller may not see is not there. */
  const mentionsFor = (caller: Caller, alerts: readonly Alert[], events: readonly AlertEvent[] = []) =>
    mentionsOf(database, alerts, events, database.as(caller, 'cameras.read'));

  /**
   * Looks behind the second wall before anything is done. The act itself is the product's: its line is told to
   * everybody whom the alert concerns, with things that whoever acts need not see.
   */
  const operable = async (caller: Caller, id: number): Promise<void> => {
    const [row] = await database
      .as(caller, 'alerts.operate')
      .query<q.AlertRow>(q.alertInScope(id, scopeOf(caller, 'alerts.operate')));
    if (row) return;
    await readable(database.as(caller, 'alerts.read'), caller, id);
    throw new AppError('auth.forbidden');
  };

  const announce = (changes: readonly AlertChange[]) => {
    for (const { event, data } of changes) bus.emit(event, data);
  };

  /** One act on the shelf, with its place in the audit trail. */
  const onShelf = async (
    caller: Caller,
    id: number,
    work: (
      tx: Tx,
      row: q.AlertRow,
      actor: string,
    ) => Promise<{ changes: AlertChange[]; action: AuditAction; reason: string | null }>,
  ): Promise<Alert> => {
    await operable(caller, id);
    const changes = await database.transaction(async (tx) => {
      await tx.query(q.lockAlerts());
      const row = await readable(tx, caller, id);
      const before = alertDto(row);
      const scope = scopeOfAlert(before);
      if (!can(caller, 'alerts.operate', scope)) throw new AppError('auth.forbidden');
      const { changes, action, reason } = await work(tx, row, actorOf(caller, 'alerts.operate', scope));
      await audit.record(tx, {
        by: caller,
        action,
        object: { type: 'alert', id: String(id), name: row.title },
        place: scope,
        before: { hold: before.hold ?? null },
        after: { hold: changes[0]?.data.alert.hold ?? null },
        ...(reason === null ? {} : { reason }),
      });
      return changes;
    });
    announce(changes);
    const [change] = changes;
    if (!change) throw new AppError('internal');
    return alertFor(caller, change.data.alert, change.data.mentions);
  };

  return {
    append: (tx, line) => append(tx, line),
    announce,

    async list(caller, query) {
      const after = decodeCursor(query.cursor, ['number', 'number']) as [number, number] | undefined;
      const rows = await database
        .as(caller, 'alerts.read')
        .query<q.AlertRow>(
          q.listAlerts(
            scopeOf(caller, 'alerts.read'),
            filterOf(query),
            after ? { raisedAtMs: after[0], id: after[1] } : null,
            query.limit + 1,
          ),
        );
      const { items, nextCursor } = pageOf(rows, query.limit, alertDto, (row) => [
        row.raised_at.getTime(),
        row.id,
      ]);
      const mentions = await mentionsFor(caller, items);
      return { items: items.map((alert) => alertFor(caller, alert, mentions)), nextCursor };
    },

    async detail(caller, id) {
      const mine = database.as(caller, 'alerts.read');
      const alert = alertDto(await readable(mine, caller, id));
      const events = (await mine.query<q.EventRow>(q.eventsOf(id))).map(eventDto);
      const mentions = await mentionsFor(caller, [alert], events);
      return {
        ...alertFor(caller, alert, mentions),
        events: events.map((event) => eventFor(caller, event, mentions)),
      };
    },

    async inScope(caller, id) {
      const alert = alertDto(await readable(database.as(caller, 'alerts.read'), caller, id));
      return alertFor(caller, alert, await mentionsFor(caller, [alert]));
    },

    async act(caller, id, kind, body) {
      await operable(caller, id);
      const changes = await database.transaction(async (tx) => {
        await tx.query(q.lockAlerts());
        const row = await readable(tx, caller, id);
        const scope = scopeOfAlert(alertDto(row));
        if (!can(caller, 'alerts.operate', scope)) throw new AppError('auth.forbidden');
        if (body.expectedState !== undefined && body.expectedState !== row.state) {
          throw new AppError('request.conflict', {
            detail: `the alert is ${row.state} by now`,
            data: { state: row.state },
          });
        }
        const text = body.text?.trim() || null;
        if (kind === 'resolved' && row.active && text === null) {
          throw new AppError('request.invalid', {
            detail: 'body.text: say why an alert whose condition still holds is resolved',
          });
        }
        const actor = actorOf(caller, 'alerts.operate', scope);
        const changes = await append(tx, { alertId: id, kind, actor, text });
        await audit.record(tx, {
          by: caller,
          action: ACTS[kind],
          object: { type: 'alert', id: String(id), name: row.title },
          place: scope,
          before: { state: row.state },
          after: { state: changes[0]?.data.alert.state ?? row.state },
          reason: text,
        });
        return changes;
      });
      announce(changes);
      const [change] = changes;
      if (!change) throw new AppError('internal');
      return alertFor(caller, change.data.alert, change.data.mentions);
    },

    async shelve(caller, id, { reason, minutes }) {
      return await onShelf(caller, id, async (tx, row, actor) => {
        const most = MOST_SHELVED_MIN[row.severity];
        if (minutes > most) {
          throw new AppError('request.invalid', {
            detail: `body.minutes: a ${row.severity} alarm is shelved for ${most} minutes at most`,
          });
        }
        if (row.rule_id === null) throw new AppError('request.conflict', { detail: 'it comes from no rule' });
        const now = clock.now();
        const untilMs = now + minutes * 60_000;
        const hold = { kind: 'shelved' as const, untilMs, reason, by: caller.username };
        await tx.query(
          shelves.putShelf({
            ruleId: row.rule_id,
            subjectType: row.subject_type,
            subjectId: row.subject_id,
            hold: 'shelved',
            sinceMs: now,
            untilMs,
            reason,
            by: caller.username,
          }),
        );
        const others = await tx.query<{ id: number }>(
          shelves.openOf(row.rule_id, row.subject_type, row.subject_id),
        );
        // The alert itself first: when it may not be shelved, nothing is.
        const ids = [id, ...others.map((other) => other.id).filter((other) => other !== id)];
        const changes: AlertChange[] = [];
        for (const alertId of ids) {
          const line = { alertId, actor, text: reason, data: { until: new Date(untilMs).toISOString() } };
          changes.push(...(await append(tx, { ...line, kind: 'shelved' }, hold)));
        }
        return { changes, action: 'alert.shelve', reason };
      });
    },

    async unshelve(caller, id) {
      return await onShelf(caller, id, async (tx, row, actor) => {
        const changes: AlertChange[] = [];
        const line = { actor, text: null, kind: 'unshelved' as const };
        changes.push(...(await append(tx, { ...line, alertId: id }, null)));
        if (row.rule_id !== null) {
          await tx.query(shelves.dropShelf(row.rule_id, row.subject_type, row.subject_id));
          for (const other of await tx.query<shelves.HeldRow>(
            shelves.heldOf(row.rule_id, row.subject_type, row.subject_id, 'shelved'),
          )) {
            changes.push(...(await append(tx, { ...line, alertId: other.id }, null)));
          }
        }
        return { changes, action: 'alert.unshelve', reason: null };
      });
    },

    async takeDown() {
      const changes = await database.transaction(async (tx) => {
        const due = await tx.query<shelves.ShelfRow>(shelves.expired(clock.now(), MOST_TAKEN_DOWN));
        if (due.length === 0) return [];
        await tx.query(q.lockAlerts());
        const found: AlertChange[] = [];
        for (const { rule_id, subject_type, subject_id, hold } of due) {
          await tx.query(shelves.dropShelf(rule_id, subject_type, subject_id));
          for (const { id } of await tx.query<shelves.HeldRow>(
            shelves.heldOf(rule_id, subject_type, subject_id, hold),
          )) {
            const line = { alertId: id, kind: ENDS[hold], actor: 'system', text: null };
            found.push(...(await append(tx, line, null)));
          }
        }
        return found;
      });
      announce(changes);
    },

    async figures(caller, hours) {
      const toMs = clock.now();
      const fromMs = toMs - hours * 3_600_000;
      const scope = scopeOf(caller, 'alerts.read');
      const mine = database.as(caller, 'alerts.read');
      const rows = await mine.query<FigureRow>(figuresSql.raisedBetween(scope, fromMs, toMs, MOST_FIGURES));
      const [standing] = await mine.query<StandingFigures>(figuresSql.standing(scope, toMs));
      return figuresOf(rows, { fromMs, toMs, most: MOST_FIGURES }, standing ?? { stale: 0, held: 0 });
    },

    async counts(caller) {
      const rows = await database
        .as(caller, 'alerts.read')
        .query<q.CountRow>(q.countOpen(scopeOf(caller, 'alerts.read')));
      const none = () => ({ unacknowledged: 0, acknowledged: 0, returned_unacknowledged: 0 });
      const counts: AlertCounts = { critical: none(), major: none(), minor: none(), info: none() };
      for (const { severity, state, count } of rows) {
        if (state !== 'closed') counts[severity][state] = count;
      }
      return counts;
    },

    async histogram(caller, hours) {
      const bucketS = 3600;
      // Whole hours, the running one last, so that the bars do not move with every request.
      const toMs = (Math.floor(clock.now() / (bucketS * 1000)) + 1) * bucketS * 1000;
      const fromMs = toMs - hours * bucketS * 1000;
      const rows = await database
        .as(caller, 'alerts.read')
        .query<q.HistogramRow>(q.histogram(scopeOf(caller, 'alerts.read'), fromMs, toMs, bucketS));
      const buckets = Array.from({ length: hours }, (_, index) => ({
        time: new Date(fromMs + index * bucketS * 1000).toISOString(),
        critical: 0,
        major: 0,
        minor: 0,
        info: 0,
      }));
      for (const { bucket, severity, count } of rows) {
        const slot = buckets[bucket];
        if (slot) slot[severity] = count;
      }
      return { from: new Date(fromMs).toISOString(), bucketS, buckets };
    },

    async eventsSince(scope, seq, limit, reader) {
      const seen = reader ? database.as(reader, 'alerts.read') : database;
      const rows = await seen.query<q.EventRow>(q.eventsAfter(scope, seq, limit));
      const ids = [...new Set(rows.map((row) => row.alert_id))];
      const alerts = new Map(
        (await seen.query<q.AlertRow>(q.alertsById(ids))).map((row) => [row.id, alertDto(row)]),
      );
      return withMentions(database, alerts, rows.map(eventDto));
    },

    async lastSeq() {
      const [row] = await database.query<{ seq: number }>(q.lastEventSeq());
      return row?.seq ?? 0;
    },

    async lockInScope(tx, id, scope) {
      await tx.query(q.lockAlerts());
      const [row] = await tx.query<q.AlertRow>(q.alertInScope(id, scope));
      return row && alertDto(row);
    },
  };
}

function filterOf(query: z.output<typeof AlertQuery>): q.AlertFilter {
  return {
    states: listOf<AlertState>('state', query.state, ALERT_STATES, { open: OPEN_ALERT_STATES }),
    severities: listOf<Severity>('severity', query.severity, SEVERITIES),
    domain: query.domain ?? null,
    areaId: query.area ?? null,
    ruleId: query.rule ?? null,
    subjectId: query.subject ?? null,
    bbox: query.bbox ?? null,
    sinceMs: query.since === undefined ? null : Date.parse(query.since),
    held: query.held ?? 'any',
  };
}

/** `a,b` as a list of known words; null = not asked for. */
function listOf<T extends string>(
  field: string,
  text: string | undefined,
  known: readonly T[],
  groups: Record<string, readonly T[]> = {},
): T[] | null {
  if (text === undefined || text === '') return null;
  return text.split(',').flatMap((word) => {
    const found = groups[word] ?? known.filter((candidate) => candidate === word);
    if (found.length === 0) {
      throw new AppError('request.invalid', {
        detail: `query.${field}: ${word.slice(0, 40)} is none of ${[...Object.keys(groups), ...known].join(', ')}`,
      });
    }
    return found;
  });
}
