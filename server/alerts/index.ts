/** Alerts: raised by rules, operated by people, one append-only history. */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Bus, Database, Health, Logger, Tx } from '../../core/ports.ts';
import type { Bilingual } from '../../core/text.ts';
import type { Route } from '../http/index.ts';
import {
  type AlertChange,
  type AlertRule,
  type AlertSignal,
  applySignals,
  clearAlertsOfRule,
  lockHistory,
} from './apply.ts';
import { alertRoutes } from './routes.ts';
import { type AlertService, createAlertService } from './service.ts';
import { createShelfKeeper } from './shelf-keeper.ts';
import { createSnapshots, type SnapshotSettings, type SnapshotSource } from './snapshots.ts';

export type { AlertChange, AlertRule, AlertSignal } from './apply.ts';
export type { SnapshotSettings, SnapshotSource } from './snapshots.ts';
export { ALERT_SCOPE, partiesOf } from './sql.ts';

export interface Alerts
  extends Pick<AlertService, 'eventsSince' | 'lastSeq' | 'inScope' | 'lockInScope' | 'append' | 'announce'> {
  /** Waits for the alerts' turn in this transaction; whoever writes to alerts or changes rules holds it. */
  lock(tx: Tx): Promise<void>;
  /** Writes the signals of a batch in its transaction; what comes back is announced after the commit. */
  apply(tx: Tx, signals: readonly AlertSignal[]): Promise<AlertChange[]>;
  /** Ends the standing alerts of a rule that was changed or retired. */
  clearRule(tx: Tx, rule: AlertRule, timeMs: number, explanation: Bilingual): Promise<AlertChange[]>;
  routes: Route[];
  start(): void;
  stop(): Promise<void>;
}

export function createAlerts(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  audit: AuditTrail;
  dataDir: string;
  /** null = no pictures are taken. */
  snapshotSource: SnapshotSource | null;
  snapshotSettings?: Partial<SnapshotSettings>;
}): Alerts {
  const mediaDir = join(deps.dataDir, 'media');
  const service = createAlertService(deps);
  const keeper = createShelfKeeper({ ...deps, takeDown: service.takeDown });
  const snapshots =
    deps.snapshotSource === null
      ? undefined
      : createSnapshots({
          ...deps,
          alerts: service,
          source: deps.snapshotSource,
          mediaDir,
          settings: deps.snapshotSettings,
        });
  return {
    eventsSince: service.eventsSince,
    lastSeq: service.lastSeq,
    inScope: service.inScope,
    lockInScope: service.lockInScope,
    append: service.append,
    announce: service.announce,
    lock: lockHistory,
    apply: applySignals,
    clearRule: clearAlertsOfRule,
    routes: alertRoutes({ service, database: deps.database, mediaDir, audit: deps.audit }),
    start() {
      snapshots?.start();
      keeper.start();
    },
    async stop() {
      await keeper.stop();
      await snapshots?.stop();
    },
  };
}
