import { z } from 'zod';
import {
  Area,
  AreaAtQuery,
  AreaDetail,
  AreaImport,
  AreaImportQuery,
  AreaImportReport,
  AreaQuery,
  AreasAt,
} from '../../core/api/areas.ts';
import { page } from '../../core/api/common.ts';
import { decodeCursor, encodeCursor, type Route, route } from '../http/index.ts';
import type { AreaService } from './service.ts';

/** The outlines of a whole province with all communes, unsimplified, are tens of megabytes. */
const IMPORT_BYTES = 32 * 1024 * 1024;

export function areaRoutes(areas: AreaService): Route[] {
  return [
    route({
      method: 'get',
      path: '/areas',
      summary: 'Areas in force, by id',
      tag: 'areas',
      access: 'areas.read',
      query: AreaQuery,
      response: page(Area),
      async handler({ caller, query }) {
        const [after] = decodeCursor(query.cursor, ['string']) ?? [''];
        const { items, more } = await areas.list(caller, query, String(after));
        return { items, nextCursor: more ? encodeCursor([items.at(-1)?.id ?? '']) : null };
      },
    }),
    route({
      method: 'post',
      path: '/areas',
      audit: 'area.import',
      summary: 'Import a GeoJSON FeatureCollection (EPSG:4326); answers with a report',
      tag: 'areas',
      access: 'areas.write',
      query: AreaImportQuery,
      body: AreaImport,
      bodyLimit: IMPORT_BYTES,
      response: AreaImportReport,
      handler: ({ caller, query, body }) =>
        areas.import(
          body,
          { validFrom: query.validFrom, closeMissing: query.closeMissing === 'true' },
          caller,
        ),
    }),
    route({
      method: 'get',
      path: '/areas/at',
      summary: 'The areas a point lies in, the smallest first',
      tag: 'areas',
      access: 'areas.read',
      query: AreaAtQuery,
      response: AreasAt,
      handler: async ({ caller, query }) => ({ areas: await areas.at(caller, query) }),
    }),
    route({
      method: 'get',
      path: '/areas/:id',
      summary: 'One area with its border',
      tag: 'areas',
      access: 'areas.read',
      params: z.object({ id: z.string().max(64) }),
      response: AreaDetail,
      handler: ({ caller, params }) => areas.get(caller, params.id),
    }),
  ];
}
