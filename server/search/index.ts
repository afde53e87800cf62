/** Search over everything that has a name, within what the caller may see. */
import type { Route } from '../http/index.ts';
import { searchRoutes } from './routes.ts';
import { createSearchService, type SearchOptions } from './service.ts';

export type { SearchOptions, SearchPlace } from './service.ts';

export interface Search {
  routes: Route[];
  close(): void;
}

export function createSearch(options: SearchOptions): Search {
  // Nothing to end: it keeps what the areas keep.
  return { routes: searchRoutes(createSearchService(options)), close() {} };
}

export { likeLiteral } from './match.ts';
export { SOURCES as SEARCHED, type StoredKind } from './sql.ts';
