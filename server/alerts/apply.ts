import { camerasIn, type Mentions, unitsIn } from '../../core/alert-mask.ts';
import { type AlertEventKind, type AlertStatus, nextAlertStatus } from '../../core/alert-state.ts';
import type { Alert, AlertEvent } from '../../core/api/alerts.ts';
import type { Severity } from '../../core/api/common.ts';
import { type DataClass, strictest } from '../../core/permissions.ts';
import type { Announcement, Effect, Queryable, Signal, Tx } from '../../core/ports.ts';
import { type Bilingual, fold } from '../../core/text.ts';
import { alertDto, eventDto } from './dto.ts';
import * as shelves from './sql/shelves.ts';
import * as q from './sql.ts';

/** The rule as its alerts remember it. */
export interface AlertRule {
  id: string;
  version: number;
  kind: string;
  name: string;
  domain: string;
  severity: Severity;
}

/** One signal of one rule about one subject. */
export interface AlertSignal {
  rule: AlertRule;
  subjectType: Effect['subjectType'];
  subjectId: string;
  signal: Signal;
}

/** An alert as it stands in the course of one batch of signals. */
interface Draft {
  id: number | null;
  status: AlertStatus;
  raisedAtMs: number;
  occurrences: number;
  peak: number | null;
  /** When its evidence was last told, event time. */
  toldMs: number;
  evidence: unknown;
  explanation: unknown;
  clearedAtMs: number | null;
  closedAtMs: number | null;
  origin: AlertSignal | null;
  changed: boolean;
  lastSeq: number;
}

interface DraftEvent {
  draft: Draft;
  atMs: number;
  kind: AlertEventKind;
  from: AlertStatus | null;
  to: AlertStatus;
  explanation: Bilingual;
  data: Record<string, unknown>;
}

export type AlertChange = Announcement<'alert.changed'>;

const iso = (timeMs: number) => new Date(timeMs).toISOString();
const keyOf = (s: { rule: { id: string }; subjectType: string; subjectId: string }) =>
  `${s.rule.id}\n${s.subjectType}\n${s.subjectId}`;

/**
 * Writes signals, in their order, as alerts and lines of their history; returns what to announce after the commit.
 *
 * Everything that writes alerts holds one lock until its commit, so what is read here stays true. Writing the same
 * signals again after a commit whose answer was lost changes nothing: an alert is known by the time it was raised.
 * A clear or an update of an alert that does not stand (any more) is nothing to tell.
 */
export async function applySignals(tx: Tx, signals: readonly AlertSignal[]): Promise<AlertChange[]> {
  if (signals.length === 0) return [];
  await lockHistory(tx);
  const { standing, begun } = await loadKnown(tx, signals);
  const events: DraftEvent[] = [];
  for (const item of signals) {
    const key = keyOf(item);
    const draft = standing.get(key);
    const { signal } = item;
    if (signal.kind === 'raise') {
      // Stored times have whole milliseconds.
      const begin = `${key}\n${Math.trunc(signal.timeMs)}`;
      if (begun.has(begin)) continue;
      begun.add(begin);
      if (draft) {
        draft.occurrences += 1;
        events.push(tell(draft, 'updated', signal));
      } else {
        const fresh = newDraft(item);
        standing.set(key, fresh);
        events.push({
          ...tell(fresh, 'raised', signal),
          from: null,
          to: fresh.status,
        });
      }
    } else if (draft && signal.kind === 'update') {
      if (signal.timeMs > draft.toldMs) events.push(tell(draft, 'updated', signal));
    } else if (draft && signal.kind === 'clear' && signal.timeMs >= draft.raisedAtMs) {
      // An end that lies before the beginning belongs to an earlier alert and was written with it.
      events.push(tell(draft, 'cleared', signal));
      standing.delete(key);
    }
  }
  return await write(tx, events);
}

/** Ends every standing alert of a rule, because the rule itself changed: nobody would ever clear them. */
export async function clearAlertsOfRule(
  tx: Tx,
  rule: AlertRule,
  timeMs: number,
  explanation: Bilingual,
): Promise<AlertChange[]> {
  await lockHistory(tx);
  const rows = await tx.query<q.StandingRow>(q.standingAlerts(rule.id));
  return await applySignals(
    tx,
    rows.map((row) => ({
      rule,
      subjectType: row.subject_type,
      subjectId: row.subject_id,
      signal: {
        kind: 'clear',
        // A device's clock may run a little ahead of ours; an alert never ends before it began.
        timeMs: Math.max(timeMs, row.raised_at.getTime()),
        position: null,
        areaId: null,
        evidence: {},
        explanation,
        peak: null,
      },
    })),
  );
}

/** The lock that gives the history its one order; held until the commit. */
export async function lockHistory(tx: Tx): Promise<void> {
  await tx.query(q.lockAlerts());
}

async function loadKnown(tx: Tx, signals: readonly AlertSignal[]) {
  const keys = new Map<string, q.SubjectKey>();
  for (const { rule, subjectType, subjectId, signal } of signals) {
    const raisedAt = signal.kind === 'raise' ? iso(signal.timeMs) : null;
    keys.set(`${rule.id}\n${subjectType}\n${subjectId}\n${raisedAt}`, {
      rule_id: rule.id,
      subject_type: subjectType,
      subject_id: subjectId,
      raised_at: raisedAt,
    });
  }
  const rows = await tx.query<q.KnownAlertRow>(q.knownAlerts([...keys.values()]));
  const standing = new Map<string, Draft>();
  const begun = new Set<string>();
  for (const row of rows) {
    const key = `${row.rule_id}\n${row.subject_type}\n${row.subject_id}`;
    begun.add(`${key}\n${row.raised_at.getTime()}`);
    if (!row.active || row.state === 'closed') continue;
    standing.set(key, {
      id: row.id,
      status: { state: row.state, active: row.active, ...(row.hold ? { hold: row.hold } : {}) },
      raisedAtMs: row.raised_at.getTime(),
      occurrences: row.occurrences,
      peak: row.peak,
      toldMs: row.last_told?.getTime() ?? 0,
      evidence: null,
      explanation: null,
      clearedAtMs: null,
      closedAtMs: null,
      origin: null,
      changed: false,
      lastSeq: 0,
    });
  }
  return { standing, begun };
}

function newDraft(item: AlertSignal): Draft {
  return {
    id: null,
    status: nextAlertStatus(null, 'raised'),
    raisedAtMs: Math.trunc(item.signal.timeMs),
    occurrences: 1,
    peak: null,
    toldMs: 0,
    evidence: null,
    explanation: null,
    clearedAtMs: null,
    closedAtMs: null,
    origin: item,
    changed: false,
    lastSeq: 0,
  };
}

/** Moves a draft on by one signal and makes the line for its history. */
function tell(draft: Draft, kind: 'raised' | 'updated' | 'cleared', signal: Signal): DraftEvent {
  const from = draft.status;
  draft.status = nextAlertStatus(from, kind);
  draft.changed = true;
  draft.peak = signal.peak ?? draft.peak;
  if (kind === 'cleared') {
    // What was true while it stood stays on the alert; the line says how it ended.
    draft.clearedAtMs = signal.timeMs;
    if (draft.status.state === 'closed') draft.closedAtMs = signal.timeMs;
  } else {
    draft.evidence = signal.evidence;
    draft.explanation = signal.explanation;
    draft.toldMs = signal.timeMs;
  }
  return {
    draft,
    atMs: signal.timeMs,
    kind,
    from,
    to: draft.status,
    explanation: signal.explanation,
    data: {
      evidence: signal.evidence,
      peak: signal.peak,
      ...(draft.occurrences > 1 ? { occurrences: draft.occurrences } : {}),
    },
  };
}

async function write(tx: Tx, events: readonly DraftEvent[]): Promise<AlertChange[]> {
  if (events.length === 0) return [];
  const drafts = [...new Set(events.map((event) => event.draft))];
  const fresh = drafts.filter((draft) => draft.id === null);
  const { ids, seqs } = await takeNumbers(tx, fresh.length, events.length);
  for (const [index, draft] of fresh.entries()) draft.id = ids[index] ?? null;
  const rows = events.map((event, index): q.NewEventRow => {
    const seq = seqs[index] ?? 0;
    event.draft.lastSeq = seq;
    return {
      seq,
      alert_id: event.draft.id ?? 0,
      at: iso(event.atMs),
      kind: event.kind,
      actor: 'system',
      from_state: event.from?.state ?? null,
      to_state: event.to.state,
      text: event.explanation.vi,
      data: { ...event.data, explanation: event.explanation },
    };
  });
  const old = drafts.filter((draft) => draft.origin === null);
  // An alert that ended in this batch makes room for the next of the same rule and subject: update first.
  if (old.length > 0) await tx.query(q.updateAlerts(old.map(changeRow)));
  if (fresh.length > 0) {
    await tx.query(q.insertAlerts(await newRows(tx, fresh)));
    // What is on the shelf stays there when it comes again.
    await tx.query(shelves.holdFresh(fresh.flatMap((draft) => draft.id ?? [])));
  }
  await tx.query(q.insertEvents(rows));
  return await announcementsOf(tx, rows);
}

function changeRow(draft: Draft): q.AlertChangeRow {
  return {
    id: draft.id ?? 0,
    state: draft.status.state,
    active: draft.status.active,
    cleared_at: draft.clearedAtMs === null ? null : iso(draft.clearedAtMs),
    closed_at: draft.closedAtMs === null ? null : iso(draft.closedAtMs),
    acknowledged_at: null,
    acknowledged_by: null,
    explanation: draft.explanation,
    evidence: draft.evidence,
    occurrences: draft.occurrences,
    peak: draft.peak,
    last_seq: draft.lastSeq,
  };
}

async function newRows(tx: Tx, fresh: readonly Draft[]): Promise<q.NewAlertRow[]> {
  const ids = { device: new Set<string>(), unit: new Set<string>(), camera: new Set<string>() };
  for (const { origin } of fresh) {
    if (origin && origin.subjectType !== 'group') ids[origin.subjectType].add(origin.subjectId);
  }
  const subjects = await tx.query<q.SubjectRow>(
    q.subjects({ device: [...ids.device], unit: [...ids.unit], camera: [...ids.camera] }),
  );
  const byKey = new Map(subjects.map((subject) => [`${subject.type}\n${subject.id}`, subject]));
  return fresh.flatMap((draft) => {
    if (!draft.origin) return [];
    const { rule, subjectType, subjectId, signal } = draft.origin;
    const subject = byKey.get(`${subjectType}\n${subjectId}`);
    const name = subject?.name ?? (subjectType === 'group' ? rule.name : subjectId);
    const { id, last_seq, explanation, evidence, occurrences, peak, cleared_at, closed_at } =
      changeRow(draft);
    return {
      id,
      rule_id: rule.id,
      rule_version: rule.version,
      kind: rule.kind,
      title: rule.name,
      domain: rule.domain,
      severity: rule.severity,
      state: draft.status.state,
      active: draft.status.active,
      subject_type: subjectType,
      subject_id: subjectId,
      subject_name: name,
      lon: signal.position?.[0] ?? subject?.lon ?? null,
      lat: signal.position?.[1] ?? subject?.lat ?? null,
      area_id: signal.areaId ?? subject?.area_id ?? null,
      agency_id: subject?.agency_id ?? null,
      class: strictest(subject?.class ?? 'public', signal.class ?? (subject ? 'public' : 'internal')),
      raised_at: iso(draft.raisedAtMs),
      cleared_at,
      closed_at,
      explanation,
      evidence,
      occurrences: occurrences ?? 1,
      peak,
      last_seq,
      search_text: fold(`${rule.name} ${name} ${subjectId}`),
    };
  });
}

/** Numbers for so many alerts and events; the caller holds the lock. */
export async function takeNumbers(tx: Tx, alerts: number, events: number) {
  const [row] = await tx.query<{ ids: unknown[]; seqs: unknown[] }>(q.takeNumbers(alerts, events));
  return { ids: (row?.ids ?? []).map(Number), seqs: (row?.seqs ?? []).map(Number) };
}

/** The alerts behind freshly written lines, as clients see them, one announcement per line in the lines' order. */
export async function announcementsOf(tx: Tx, rows: readonly q.NewEventRow[]): Promise<AlertChange[]> {
  const alerts = await tx.query<q.AlertRow>(q.alertsById([...new Set(rows.map((row) => row.alert_id))]));
  const byId = new Map(alerts.map((row) => [row.id, alertDto(row)]));
  return (await withMentions(tx, byId, rows.map(eventDto))).map((data) => ({ event: 'alert.changed', data }));
}

/** Lines with their alerts as they are now, and where the things stand that both tell of. */
export async function withMentions(
  db: Queryable,
  alerts: ReadonlyMap<number, Alert>,
  events: readonly AlertEvent[],
): Promise<AlertChange['data'][]> {
  const changes = events.flatMap((event) => {
    const alert = alerts.get(event.alertId);
    return alert ? [{ seq: event.seq, alert, event }] : [];
  });
  const mentions = await mentionsOf(db, [...alerts.values()], events);
  return changes.map((change) => ({ ...change, mentions }));
}

/** Where the cameras and units stand that alerts and lines tell of; cameras as far as `cameraDb` shows them. */
export async function mentionsOf(
  db: Queryable,
  alerts: readonly Alert[],
  events: readonly AlertEvent[] = [],
  cameraDb: Queryable = db,
): Promise<Mentions> {
  const cameraIds = new Set([
    ...alerts.flatMap((alert) => (alert.snapshot ? [alert.snapshot.cameraId] : [])),
    ...events.flatMap(camerasIn),
  ]);
  const unitIds = new Set([
    ...alerts.flatMap((alert) => alert.dispatches.map(({ unitId }) => unitId)),
    ...events.flatMap(unitsIn),
  ]);
  const cameras =
    cameraIds.size === 0 ? [] : await cameraDb.query<q.CameraScopeRow>(q.cameraScopes([...cameraIds]));
  const units =
    unitIds.size === 0 ? [] : await db.query<{ id: string; class: DataClass }>(q.unitClasses([...unitIds]));
  return {
    cameras: Object.fromEntries(
      cameras.map((row) => [
        row.id,
        { areaId: row.area_id, domain: row.domain, agencyId: row.agency_id, class: row.class },
      ]),
    ),
    units: Object.fromEntries(units.map((row) => [row.id, row.class])),
  };
}
