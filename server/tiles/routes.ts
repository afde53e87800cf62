import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { MAX_ZOOM, parseTileId } from '../../gis/index.ts';
import { type Route, route } from '../http/index.ts';
import type { TileService } from './service.ts';

const TileParams = z.object({
  layer: z.string().max(32).describe('areas, devices, cameras, units or alerts'),
  z: z.string().describe(`zoom, 0–${MAX_ZOOM}`),
  x: z.string().describe('column from the west'),
  y: z.string().describe('row from the north'),
});

export function tileRoutes(tiles: TileService): Route[] {
  return [
    route({
      method: 'get',
      path: '/tiles/:layer/:z/:x/:y.mvt',
      summary:
        'One vector tile (Web Mercator, MVT 2) with what the caller may see; empty where there is nothing',
      tag: 'tiles',
      // Each layer has a permission of its own, which the service asks for.
      access: 'authenticated',
      params: TileParams,
      status: 200,
      response: null,
      async handler({ caller, params, req, res }) {
        const id = parseTileId(params.z, params.x, params.y);
        if (!id) throw new AppError('request.invalid', { detail: `no such tile; zoom goes to ${MAX_ZOOM}` });
        const tile = await tiles.tile(caller, params.layer, id);
        res.setHeader('ETag', tile.etag);
        // Asked for again each time: grants end, and a 304 costs nothing.
        res.setHeader('Cache-Control', 'private, no-cache');
        res.vary('Authorization');
        if (req.fresh) return void res.status(304).end();
        const { buffer, byteOffset, byteLength } = tile.make();
        res.type('application/vnd.mapbox-vector-tile').send(Buffer.from(buffer, byteOffset, byteLength));
      },
    }),
  ];
}
