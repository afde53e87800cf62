import type { Clock } from '../../core/clock.ts';
import type { Database, Health, Logger } from '../../core/ports.ts';
import { type CompiledRule, compileRule, indexRules, type RuleAreas, type RuleIndex } from './compile.ts';
import type { KindTools } from './kind.ts';
import type { RuleKinds } from './kind-registry.ts';
import * as q from './sql.ts';

/** A rule that throws so often is taken out until it is changed or the process starts anew. */
const MAX_FAULTS = 10;

/** The rules in force, compiled, with their faults. */
export interface RuleBook {
  get(ruleId: string): CompiledRule | undefined;
  index(): RuleIndex;
  /** Reads the rules from the database and swaps them in at once. */
  read(): Promise<void>;
  /** Notes that a rule threw. */
  fault(rule: CompiledRule, subjectId: string, error: unknown): void;
  /** Whether a rule threw so often that it is not asked any more. */
  isPaused(rule: CompiledRule): boolean;
}

export function createRuleBook(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  health: Health;
  areas: RuleAreas;
  kinds: RuleKinds;
  tools: KindTools;
}): RuleBook {
  const { database, logger, health, areas, tools } = deps;
  let rules = new Map<string, CompiledRule>();
  let index = indexRules([]);
  let isFirst = true;
  /** Rules whose health is not well, with their names. */
  const unwell = new Map<string, string>();

  const report = (id: string, name: string, message: { vi: string; en: string }) => {
    unwell.set(id, name);
    health.set({ component: `rules.${id}`, state: 'degraded', code: 'rule.invalid', message });
  };
  const recover = (id: string) => {
    const name = unwell.get(id);
    if (!unwell.delete(id)) return;
    health.set({
      component: `rules.${id}`,
      state: 'ok',
      message: { vi: `Quy tắc “${name}” hoạt động trở lại`, en: `Rule “${name}” works again` },
    });
  };

  return {
    get: (id) => rules.get(id),
    index: () => index,

    async read() {
      const rows = await database.query<q.RuleRow>(q.runningRules());
      const fresh = new Map<string, CompiledRule>();
      for (const row of rows) {
        const known = rules.get(row.id);
        // Being read again is no reason to trust a rule that fails.
        if (
          known &&
          known.faults > 0 &&
          known.info.version === row.version &&
          known.shadow === (row.state === 'shadow')
        ) {
          fresh.set(row.id, known);
          continue;
        }
        try {
          const rule = compileRule(row, deps.kinds, areas, tools);
          // A rule that is new to us sees what comes from now on; one from before our start has seen the rest.
          if (known?.info.version === row.version) rule.sinceMs = known.sinceMs;
          else if (!isFirst) rule.sinceMs = deps.clock.now();
          fresh.set(row.id, rule);
          recover(row.id);
        } catch (error) {
          logger.error({ rule: row.id, err: String(error) }, 'a rule cannot be used');
          report(row.id, row.name, {
            vi: `Quy tắc “${row.name}” không dùng được: ${String(error)}`,
            en: `Rule “${row.name}” cannot be used: ${String(error)}`,
          });
        }
      }
      const inForce = new Set(rows.map((row) => row.id));
      for (const id of [...unwell.keys()]) if (!inForce.has(id)) recover(id);
      rules = fresh;
      isFirst = false;
      index = indexRules(fresh.values());
    },

    fault(rule, subjectId, error) {
      rule.faults += 1;
      const off = rule.faults >= MAX_FAULTS;
      const { id, name } = rule.info;
      logger.error({ rule: id, subjectId, faults: rule.faults, err: String(error) }, 'a rule failed');
      if (rule.faults === 1 || off) {
        report(id, name, {
          vi: `Quy tắc “${name}” gặp lỗi${off ? ' và đã tạm dừng' : ''}`,
          en: `Rule “${name}” failed${off ? ' and is paused' : ''}`,
        });
      }
    },

    isPaused: (rule) => rule.faults >= MAX_FAULTS,
  };
}
