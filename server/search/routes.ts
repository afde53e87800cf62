import { SearchQuery, SearchResults } from '../../core/api/centre.ts';
import { type Route, route } from '../http/index.ts';
import type { SearchService } from './service.ts';

export function searchRoutes(search: SearchService): Route[] {
  return [
    route({
      method: 'get',
      path: '/search',
      summary: 'Finds areas, devices, cameras, units, open alerts and places of the map by name',
      tag: 'centre',
      // Each kind needs its own permission; what the caller may not read is not looked for.
      access: 'centre.read',
      query: SearchQuery,
      response: SearchResults,
      handler: async ({ caller, query }) => ({ items: await search.search(caller, query) }),
    }),
  ];
}
