import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Bus, Database, Logger } from '../../core/ports.ts';
import type { Route } from '../http/index.ts';
import { areaRoutes } from './routes.ts';
import { type AreaService, createAreaService } from './service.ts';
import type { AreaTree } from './tree.ts';

export { areaIds } from './sql.ts';
export type { AreaTree } from './tree.ts';

export interface Areas {
  routes: Route[];
  /** The tree in memory: locator, paths, names, borders, and who lies below whom. */
  tree: AreaTree;
  import: AreaService['import'];
  close(): void;
}

/** Administrative areas. Reads the whole tree before it answers. */
export async function createAreas(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  audit: Pick<AuditTrail, 'record'>;
  timezone: string;
}): Promise<Areas> {
  const service = await createAreaService(options);
  return {
    routes: areaRoutes(service),
    tree: service.tree,
    import: service.import,
    close: service.close,
  };
}
