/** Vector tiles, scoped to whoever asks. */
import type { Route } from '../http/index.ts';
import { tileRoutes } from './routes.ts';
import { createTileService } from './service.ts';

export interface Tiles {
  routes: Route[];
  close(): void;
}

export function createTiles(options: Parameters<typeof createTileService>[0]): Tiles {
  const service = createTileService(options);
  return { routes: tileRoutes(service), close: service.close };
}
