/** How long data is kept, what may not be deleted, and the round that removes the rest. */
import type { Route } from '../http/index.ts';
import { createRetentionKeeper, type RetentionKeeper } from './keeper.ts';
import { retentionRoutes } from './routes.ts';
import { createRetentionService } from './service.ts';

export { RetentionSettings } from './settings.ts';

type Options = Parameters<typeof createRetentionKeeper>[0];

export function createRetention(options: Options): { routes: Route[]; keeper: RetentionKeeper } {
  return {
    routes: retentionRoutes(createRetentionService(options)),
    keeper: createRetentionKeeper(options),
  };
}
