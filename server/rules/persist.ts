import type { Announcement, Effect, Signal, Tx } from '../../core/ports.ts';
import type { AlertRule, AlertSignal, Alerts } from '../alerts/index.ts';
import { alertRuleOf } from './compile.ts';
import * as q from './sql.ts';

const keyOf = (row: { rule_id: string; subject_type: string; subject_id: string }) =>
  `${row.rule_id}\n${row.subject_type}\n${row.subject_id}`;

const PASSED = {
  vi: 'Đã hết trước khi được ghi lại',
  en: 'Was over before it could be stored',
};

/**
 * Writes states and signals of one batch. Doing it again, after a rollback or after a commit whose answer was lost,
 * ends in the same rows.
 *
 * Batches and timers write side by side. Whoever comes late finds a newer state and does not overwrite it; a raise
 * that comes late is told together with its end, so no episode is lost and no alert stays without an end. What
 * belongs to a version that is not in force any more is dropped.
 */
export async function persistEffects(
  tx: Tx,
  effects: readonly Effect[],
  alerts: Pick<Alerts, 'apply' | 'lock'>,
): Promise<Announcement[]> {
  const last = new Map<string, q.StateRow>();
  for (const effect of effects) {
    const row: q.StateRow = {
      rule_id: effect.ruleId,
      subject_type: effect.subjectType,
      subject_id: effect.subjectId,
      rule_version: effect.ruleVersion,
      state: effect.state as q.StateRow['state'],
    };
    last.set(keyOf(row), row);
  }
  if (last.size === 0) return [];
  const written = new Set(
    (await tx.query<q.StateRow>(q.upsertStates([...last.values()]))).map((row) => keyOf(row)),
  );
  const told = effects.filter((effect) => effect.signal !== null);
  if (told.length === 0) return [];

  // Under the lock nobody can put another version into force until we are through.
  await alerts.lock(tx);
  const ids = [...new Set(told.map((effect) => effect.ruleId))];
  const running = await tx.query<q.RuleRow>(q.rulesRunning(ids));
  const rules = new Map<string, AlertRule>(running.map((row) => [row.id, alertRuleOf(row)]));
  const inShadow = new Set(running.filter((row) => row.state === 'shadow').map((row) => row.id));
  const refused = [...last].filter(([key]) => !written.has(key)).map(([, row]) => row);
  const newer = new Map<string, q.StateRow>(
    refused.length === 0
      ? []
      : (await tx.query<q.StateRow>(q.statesOf(refused))).map((row) => [keyOf(row), row]),
  );
  const signals: AlertSignal[] = [];
  for (const { ruleId, ruleVersion, subjectType, subjectId, signal } of told) {
    const rule = rules.get(ruleId);
    if (!signal || rule?.version !== ruleVersion) continue;
    const stored = newer.get(`${ruleId}\n${subjectType}\n${subjectId}`);
    for (const one of stored ? lateSignals(signal, stored.state) : [signal]) {
      if (inShadow.has(ruleId))
        await writeShadow(tx, { ruleId, version: ruleVersion, subjectType, subjectId }, one);
      else signals.push({ rule, subjectType, subjectId, signal: one });
    }
  }
  return await alerts.apply(tx, signals);
}

/** What a signal still means when a newer state of its subject is stored already. */
function lateSignals(signal: Signal, stored: q.StateRow['state']): Signal[] {
  if (signal.kind === 'raise') {
    return stored.raised
      ? [signal]
      : [signal, { ...signal, kind: 'clear', timeMs: stored.t, explanation: PASSED }];
  }
  return signal.kind === 'clear' && !stored.raised ? [signal] : [];
}

/** What a rule in the shadow would have told. */
async function writeShadow(
  tx: Tx,
  of: { ruleId: string; version: number; subjectType: string; subjectId: string },
  { kind, timeMs, peak, explanation }: Signal,
): Promise<void> {
  if (kind === 'raise') await tx.query(q.insertShadow({ ...of, raisedAtMs: timeMs, peak, explanation }));
  else await tx.query(q.endShadow({ ...of, timeMs, peak, cleared: kind === 'clear' }));
}
