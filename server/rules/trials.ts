/** Looking at what a rule would do before it does it: in words, over history, in the shadow. */
import type { z } from 'zod';
import type {
  Backtest,
  BacktestRequest,
  RuleDraft,
  RuleExplanation,
  RuleSimulation,
  ShadowAlarm,
} from '../../core/api/rules.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { localDay } from '../../core/limit-tables.ts';
import { type Caller, can, wholeCentre } from '../../core/permissions.ts';
import type { AuditTrail, Database, DeviceDirectory, DeviceRecord } from '../../core/ports.ts';
import {
  type BacktestFigures,
  differenceOf,
  type Backtest as Result,
  runBacktest,
  type WouldBe,
} from './backtest.ts';
import { compileRule, type RuleAreas } from './compile.ts';
import { explain } from './dto.ts';
import { createHistory } from './history.ts';
import type { KindTools } from './kind.ts';
import type { RuleKinds } from './kind-registry.ts';
import * as h from './sql/history.ts';
import * as q from './sql.ts';

export interface RuleTrials {
  explain(caller: Caller, draft: z.output<typeof RuleDraft>): z.infer<typeof RuleExplanation>;
  /** Throws `request.too_many` while others are being run, `rule.invalid`, `request.invalid`. */
  backtest(caller: Caller, id: string, request: z.output<typeof BacktestRequest>): Promise<Backtest>;
  simulations(id: string): Promise<z.infer<typeof RuleSimulation>[]>;
  shadowAlarms(caller: Caller, id: string): Promise<z.infer<typeof ShadowAlarm>[]>;
}

const LONGEST_MS = 400 * 86_400_000;
/** Each holds the evaluator for seconds at a time and reads as fast as the database gives. */
const MOST_AT_ONCE = 2;
const MOST_DIFFERENCES = 500;
const MOST_SHADOW = 1000;

export function createRuleTrials(deps: {
  database: Database;
  clock: Clock;
  devices: DeviceDirectory;
  areas: RuleAreas;
  kinds: RuleKinds;
  tools: KindTools;
  audit: Pick<AuditTrail, 'record'>;
}): RuleTrials {
  const { database, clock, devices, areas, kinds, tools, audit } = deps;
  const history = createHistory(database);
  let running = 0;

  const ruleOf = async (id: string): Promise<q.RuleRow> => {
    const [row] = await database.query<q.RuleRow>(q.ruleById(id));
    if (!row) throw new AppError('request.not_found');
    return row;
  };

  /** Only what the person may see takes part: a rule must not tell of devices that are not theirs. */
  const visible = (caller: Caller, within: ReadonlySet<string> | null): DeviceRecord[] =>
    [...devices.all()].filter(
      (device) =>
        (within === null || (device.areaId !== null && within.has(device.areaId))) &&
        can(caller, 'observations.read', {
          areaId: device.areaId,
          domain: device.domain,
          agencyId: device.agencyId,
          class: device.class,
        }),
    );

  const namer = async (alarms: readonly Pick<WouldBe, 'subjectType' | 'subjectId'>[], ruleName: string) => {
    const of = (type: string) => [
      ...new Set(alarms.filter((alarm) => alarm.subjectType === type).map((alarm) => alarm.subjectId)),
    ];
    const rows = await database.query<{ type: string; id: string; name: string }>(
      q.namesOf({ devices: of('device'), units: of('unit') }),
    );
    const names = new Map(rows.map(({ type, id, name }) => [`${type}\n${id}`, name]));
    return ({ subjectType, subjectId }: Pick<WouldBe, 'subjectType' | 'subjectId'>) =>
      subjectType === 'group' ? ruleName : (names.get(`${subjectType}\n${subjectId}`) ?? subjectId);
  };

  return {
    explain(caller, draft) {
      const now = new Date(clock.now());
      const row: q.RuleRow = {
        id: 'draft',
        kind: draft.kind,
        name: 'draft',
        domain: '',
        severity: 'info',
        params: draft.params,
        applies_to: draft.appliesTo,
        options: draft.options,
        state: 'draft',
        version: 1,
        updated_at: now,
        updated_by: null,
        approved_by: null,
        approved_at: null,
      };
      const rule = compileRule(row, kinds, areas, tools);
      return {
        explanation: explain(row, kinds, tools),
        devices: visible(caller, null).filter((device) => rule.covers(device)).length,
      };
    },

    async backtest(caller, id, request) {
      const stored = await ruleOf(id);
      if (!can(caller, 'rules.write', wholeCentre(stored.domain))) throw new AppError('auth.forbidden');
      const range = { fromMs: Date.parse(request.from), toMs: Date.parse(request.to) };
      if (range.toMs <= range.fromMs || range.toMs - range.fromMs > LONGEST_MS) {
        throw new AppError('request.invalid', { detail: 'body: from lies before to, at most 400 days' });
      }
      const within = request.area === undefined ? null : areas.subtree([request.area]);
      const { change } = request;
      const proposed: q.RuleRow = {
        ...stored,
        params: change?.params ?? stored.params,
        applies_to: change?.appliesTo ?? stored.applies_to,
        options: change?.options ?? stored.options,
      };
      const fresh = compileRule(proposed, kinds, areas, tools);
      const old = change ? compileRule(stored, kinds, areas, tools) : null;
      if (running >= MOST_AT_ONCE) throw new AppError('request.too_many');
      running += 1;
      try {
        const some = visible(caller, within);
        const startedMs = clock.monotonic();
        const result = await runBacktest(history, fresh, some, range);
        const before = old && (await runBacktest(history, old, some, range));
        const tookMs = Math.round(clock.monotonic() - startedMs);
        const summary = { ...figuresOf(result), devices: result.devices, items: result.items };
        await database.transaction(async (tx) => {
          if (!change) {
            await tx.query(
              h.insertSimulation({
                ruleId: id,
                version: stored.version,
                by: caller.username,
                ...range,
                summary,
              }),
            );
            await tx.query(q.markSimulated(id, stored.version));
          }
          await audit.record(tx, {
            by: caller,
            action: 'rule.backtest',
            object: { type: 'rule', id, name: stored.name },
            place: wholeCentre(stored.domain),
            after: { from: request.from, to: request.to, ...summary },
          });
        });
        const difference = before && differenceOf(result.list, before.list);
        const nameOf = await namer([...result.list, ...(difference?.removed ?? [])], stored.name);
        const told = (alarm: WouldBe) => ({
          subjectType: alarm.subjectType,
          subjectId: alarm.subjectId,
          subjectName: nameOf(alarm),
          raisedAt: new Date(alarm.raisedAtMs).toISOString(),
          clearedAt: alarm.clearedAtMs === null ? null : new Date(alarm.clearedAtMs).toISOString(),
          peak: alarm.peak,
          position: alarm.position,
          explanation: alarm.explanation,
        });
        return {
          ...figuresOf(result),
          from: new Date(range.fromMs).toISOString(),
          to: new Date(range.toMs).toISOString(),
          devices: result.devices,
          items: result.items,
          tookMs,
          explanation: explain(proposed, kinds, tools),
          alarms: result.list.map(told),
          days: daysOf(result, range, tools.timeZone),
          inForce:
            before && difference
              ? {
                  ...figuresOf(before),
                  same: difference.same,
                  added: difference.added.slice(0, MOST_DIFFERENCES).map(told),
                  removed: difference.removed.slice(0, MOST_DIFFERENCES).map(told),
                }
              : null,
        };
      } finally {
        running -= 1;
      }
    },

    async simulations(id) {
      await ruleOf(id);
      const rows = await database.query<h.SimulationRow>(h.simulationsOf(id));
      return rows.map((row) => ({
        version: row.rule_version,
        ranAt: row.ran_at.toISOString(),
        ranBy: row.ran_by,
        from: row.from_time.toISOString(),
        to: row.to_time.toISOString(),
        summary: row.summary as z.infer<typeof RuleSimulation>['summary'],
      }));
    },

    async shadowAlarms(caller, id) {
      const rule = await ruleOf(id);
      // It tells of devices anywhere, as the rule itself does.
      if (!can(caller, 'rules.write', wholeCentre(rule.domain))) throw new AppError('auth.forbidden');
      const seen = new Set(visible(caller, null).map((device) => device.id));
      const rows = await database.query<q.ShadowRow>(q.shadowOf(id, MOST_SHADOW));
      const shown = rows.filter((row) => row.subject_type !== 'device' || seen.has(row.subject_id));
      const subjects = shown.map((row) => ({
        subjectType: row.subject_type as WouldBe['subjectType'],
        subjectId: row.subject_id,
      }));
      const nameOf = await namer(subjects, rule.name);
      return shown.map((row, index) => ({
        ...(subjects[index] ?? { subjectType: 'device' as const, subjectId: row.subject_id }),
        subjectName: nameOf(subjects[index] ?? { subjectType: 'device', subjectId: row.subject_id }),
        version: row.rule_version,
        raisedAt: row.raised_at.toISOString(),
        clearedAt: row.cleared_at?.toISOString() ?? null,
        peak: row.peak,
        explanation: row.explanation,
      }));
    },
  };
}

function figuresOf(result: BacktestFigures) {
  const { alarms, open, timeInAlarmS, chatterIndex, floodMinutes } = result;
  return { count: alarms, open, timeInAlarmS, chatterIndex, floodMinutes };
}

function daysOf(result: Result, range: { fromMs: number; toMs: number }, timeZone: string) {
  const days = new Map<string, number>();
  for (let at = range.fromMs; at < range.toMs; at += 43_200_000) days.set(localDay(at, timeZone), 0);
  for (const { raisedAtMs } of result.list) {
    const day = localDay(raisedAtMs, timeZone);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return [...days].map(([day, count]) => ({ day, count }));
}
