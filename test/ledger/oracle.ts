import sql from 'sql-template-tag';
import type { Queryable } from '../../core/ports.ts';
import type { LedgerContent, Sent } from './ledger.ts';

/** What the database has that it should not, and the other way round. All empty = the promise was kept. */
export interface Verdict {
  sent: number;
  acknowledged: number;
  stored: number;
  /** Acknowledged and not there. */
  lost: string[];
  /** There more than once. */
  duplicate: string[];
  /** There and never sent, or not as it was sent. */
  phantom: string[];
  /** Alerts that should stand there and do not, that stand there twice, that should not stand there. */
  missedAlerts: string[];
  doubledAlerts: string[];
  spuriousAlerts: string[];
}

interface StoredRow {
  ms: number;
  value: number;
}

/** Compares the ledger with what the database holds of one quantity. Looks at alerts when a limit is given. */
export async function judge(
  database: Queryable,
  ledger: LedgerContent,
  options: { quantity: string; alerts?: { ruleId: string; above: number } },
): Promise<Verdict> {
  const verdict: Verdict = {
    sent: 0,
    acknowledged: 0,
    stored: 0,
    lost: [],
    duplicate: [],
    phantom: [],
    missedAlerts: [],
    doubledAlerts: [],
    spuriousAlerts: [],
  };
  for (const [device, sent] of ledger.sent) {
    const rows = await database.query<StoredRow>(sql`
      select (extract(epoch from o.time) * 1000)::float8 as ms, o.value
      from observations o join series s on s.id = o.series_id
      where s.device_id = ${device} and s.quantity = ${options.quantity} order by o.time`);
    const acknowledged = ledger.acknowledged.get(device) ?? new Set<number>();
    verdict.sent += sent.length;
    verdict.acknowledged += acknowledged.size;
    verdict.stored += rows.length;
    compareRows(device, sent, acknowledged, rows, verdict);
    if (options.alerts) {
      const alerts = await database.query<StoredRow>(sql`
        select (extract(epoch from raised_at) * 1000)::float8 as ms, 0::float8 as value from alerts
        where rule_id = ${options.alerts.ruleId} and subject_id = ${device} order by raised_at`);
      // Only what is stored can have raised anything.
      const times = new Set(rows.map(({ ms }) => ms));
      const stored = sent.filter(({ timeMs }) => times.has(timeMs));
      compareAlerts(device, expectedAlerts(stored, options.alerts.above), alerts, verdict);
    }
  }
  return verdict;
}

function compareRows(
  device: string,
  sent: readonly Sent[],
  acknowledged: ReadonlySet<number>,
  rows: readonly StoredRow[],
  verdict: Verdict,
): void {
  const byTime = new Map(sent.map((message) => [message.timeMs, message]));
  const seen = new Set<number>();
  for (const { ms, value } of rows) {
    const message = byTime.get(ms);
    if (!message || message.value !== value) verdict.phantom.push(`${device} ${ms} ${value}`);
    else if (seen.has(message.n)) verdict.duplicate.push(`${device} ${message.n}`);
    else seen.add(message.n);
  }
  for (const n of acknowledged) if (!seen.has(n)) verdict.lost.push(`${device} ${n}`);
}

/** The reference: every step from below to above the limit raises once. */
function expectedAlerts(sent: readonly Sent[], above: number): number[] {
  const raised: number[] = [];
  let over = false;
  for (const { timeMs, value } of [...sent].sort((a, b) => a.timeMs - b.timeMs)) {
    if (value > above && !over) raised.push(timeMs);
    over = value > above;
  }
  return raised;
}

function compareAlerts(
  device: string,
  expected: readonly number[],
  alerts: readonly StoredRow[],
  verdict: Verdict,
): void {
  const missing = new Set(expected);
  const seen = new Set<number>();
  for (const { ms } of alerts) {
    if (seen.has(ms)) verdict.doubledAlerts.push(`${device} ${ms}`);
    else if (!missing.delete(ms)) verdict.spuriousAlerts.push(`${device} ${ms}`);
    seen.add(ms);
  }
  for (const ms of missing) verdict.missedAlerts.push(`${device} ${ms}`);
}

/** What is wrong, shortened for people; undefined when nothing is. */
export function faultsOf(verdict: Verdict): string | undefined {
  const faults = Object.entries(verdict).flatMap(([name, list]) =>
    Array.isArray(list) && list.length > 0 ? [`${list.length} ${name}: ${list.slice(0, 5).join(', ')}`] : [],
  );
  return faults.length === 0 ? undefined : faults.join('; ');
}
