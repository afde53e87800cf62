/** What the product says about itself: to people, to probes, to Prometheus. */
import type { Express } from 'express';
import type { SystemStatus } from '../../core/api/centre.ts';
import type { Clock } from '../../core/clock.ts';
import type { Bus, Database, Health, Logger } from '../../core/ports.ts';
import type { Route } from '../http/index.ts';
import { createMetrics, type Sample } from './metrics.ts';
import { mountMonitoring } from './mount.ts';
import { createReadiness } from './readiness.ts';
import { systemRoutes } from './routes.ts';
import { createStatusService, type StatusOptions } from './service.ts';
import { createWatch, type WatchedCertificate, type WatchOptions } from './watch.ts';

export { createHealth } from './health.ts';

export interface SystemOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  dataDir: string;
  /** Devices and cameras within a caller's scope. */
  counts: StatusOptions['counts'];
  ingest(): SystemStatus['ingest'];
  pendingMigrations(): Promise<string[]>;
  certificates?: readonly WatchedCertificate[];
  disk?: WatchOptions['disk'];
  /** Further figures for Prometheus. */
  samples?(): Iterable<Sample>;
  metricsToken?: string | undefined;
  behindProxy?: boolean;
  /** Whether anybody would receive `system.changed`. */
  isWatched?(): boolean;
  /** Which components must not be down; the database and ingest unless told otherwise. */
  isEssential?(component: string): boolean;
}

export interface System {
  routes: Route[];
  /** `/healthz`, `/readyz`, `/metrics`, and the timing of every request; mounted before everything else. */
  mount(app: Express): void;
  /** Begins to watch and to tell; the product answers without it, too. */
  start(): void;
  close(): void;
}

const isEssentialPart = (component: string) => component === 'database' || component.startsWith('ingest.');

export function createSystem(options: SystemOptions): System {
  const status = createStatusService(options);
  const watch = createWatch(options);
  const metrics = createMetrics(options);
  const isReady = createReadiness({ ...options, isEssential: options.isEssential ?? isEssentialPart });
  return {
    routes: systemRoutes(status),
    mount: (app) =>
      mountMonitoring(app, {
        metrics,
        isReady,
        metricsToken: options.metricsToken,
        behindProxy: options.behindProxy ?? false,
      }),
    start() {
      watch.start();
      status.start();
    },
    close() {
      watch.stop();
      status.stop();
      metrics.close();
    },
  };
}
