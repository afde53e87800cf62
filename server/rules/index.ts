/** Rules: data that turns readings into alerts. */
import type { Clock } from '../../core/clock.ts';
import type {
  AuditTrail,
  Bus,
  Database,
  DeviceDirectory,
  Health,
  Logger,
  RuleEngine,
} from '../../core/ports.ts';
import type { Alerts } from '../alerts/index.ts';
import type { Route } from '../http/index.ts';
import type { RuleAreas } from './compile.ts';
import { createEngine } from './engine.ts';
import { loadRuleKinds } from './kind-registry.ts';
import { ruleRoutes } from './routes.ts';
import { createRuleService, type RuleService } from './service.ts';
import { createRuleTrials, type RuleTrials } from './trials.ts';

export type { RuleAreas } from './compile.ts';

export interface Rules {
  engine: RuleEngine;
  routes: Route[];
  /** For callers inside the process, such as the demo province. */
  service: Pick<RuleService, 'create' | 'activate' | 'get' | 'list'>;
  trials: RuleTrials;
  /** Takes up where the database left off. Devices and areas must be loaded, and ingest not yet open. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when what the engine does by itself is stored and announced. */
  settled(): Promise<void>;
}

export async function createRules(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  devices: DeviceDirectory;
  areas: RuleAreas;
  alerts: Pick<Alerts, 'apply' | 'lock' | 'clearRule' | 'announce'>;
  audit: Pick<AuditTrail, 'record'>;
  /** IANA zone of the centre, for the clock times in explanations. */
  timeZone: string;
}): Promise<Rules> {
  const kinds = await loadRuleKinds();
  const engine = createEngine({ ...deps, kinds });
  const service = createRuleService({ ...deps, engine, kinds });
  const trials = createRuleTrials({ ...deps, kinds, tools: engine.tools });
  return {
    engine: { evaluate: engine.evaluate, persist: engine.persist },
    routes: ruleRoutes(service, trials),
    trials,
    service,
    start: engine.start,
    stop: engine.stop,
    settled: engine.settled,
  };
}
