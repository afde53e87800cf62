import type { FeatureCollection, Geometry } from 'geojson';
import GeoJSONVT from 'geojson-vt';
import vtPbf from 'vt-pbf';
import type { Bbox, LonLat } from '../core/reading.ts';

/**
 * The deepest tiles there are; clients enlarge these for anything deeper (OpenLayers: `maxZoom` of the tile grid).
 * One unit of such a tile is 0.6 m, finer than any border is known.
 */
export const MAX_ZOOM = 14;

const EXTENT = 4096;

/** Tiles that a source keeps cut, a few kilobytes each, before it starts afresh: a bound for walks over the whole map. */
const KEPT_TILES = 5000;

/** Beyond this latitude Web Mercator has no tiles. */
const MAX_LATITUDE = 85.0511287798066;

export interface TileId {
  z: number;
  x: number;
  y: number;
}

/** Whole numbers of a tile that exists, or undefined: for the path of a request. */
export function parseTileId(z: string, x: string, y: string): TileId | undefined {
  if (![z, x, y].every((part) => /^\d{1,7}$/.test(part))) return undefined;
  const id = { z: Number(z), x: Number(x), y: Number(y) };
  const tiles = 2 ** id.z;
  return id.z <= MAX_ZOOM && id.x < tiles && id.y < tiles ? id : undefined;
}

/** The tile of a zoom in which a point lies (Web Mercator, y counted from the north). */
export function tileAt([lon, lat]: LonLat, z: number): TileId {
  const tiles = 2 ** z;
  const north = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, lat)) * (Math.PI / 180);
  const x = Math.floor(((lon + 180) / 360) * tiles);
  const y = Math.floor(((1 - Math.asinh(Math.tan(north)) / Math.PI) / 2) * tiles);
  return { z, x: Math.max(0, Math.min(tiles - 1, x)), y: Math.max(0, Math.min(tiles - 1, y)) };
}

/** What a tile shows, without its buffer. */
export function tileBbox({ z, x, y }: TileId): Bbox {
  const tiles = 2 ** z;
  const lon = (column: number) => (column / tiles) * 360 - 180;
  const lat = (row: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / tiles))) * 180) / Math.PI;
  return [lon(x), lat(y + 1), lon(x + 1), lat(y)];
}

export type TileProperties = Record<string, string | number | boolean | null>;

export interface TileFeature {
  geometry: Geometry;
  properties: TileProperties;
}

export interface TileSource {
  /**
   * The tile as MVT 2 (`id.z` up to {@link MAX_ZOOM}), or null when nothing of what `visible` lets through lies in it. One source serves every
   * caller: what a caller may not see is left out while the tile is written.
   */
  tile(id: TileId, visible?: (properties: TileProperties) => boolean): Uint8Array<ArrayBuffer> | null;
  /** Tiles held in memory now. */
  kept(): number;
}

/**
 * Cuts features (EPSG:4326) into tiles on demand; a change of the features makes a new source. Tiles are cut in
 * memory on every database alike: the embedded one has no ST_AsMVT.
 */
export function createTileSource(
  layer: string,
  features: readonly TileFeature[],
  keptTiles = KEPT_TILES,
): TileSource {
  const collection: FeatureCollection = {
    type: 'FeatureCollection',
    features: features.map(({ geometry, properties }) => ({ type: 'Feature', geometry, properties })),
  };
  // Borders are drawn with a stroke: 64 units of buffer keep its edge out of the neighbour tile.
  const cut = () =>
    new GeoJSONVT(collection, {
      maxZoom: MAX_ZOOM,
      extent: EXTENT,
      buffer: 64,
      tolerance: 3,
      indexMaxZoom: 5,
    });
  let index = cut();
  return {
    kept: () => index.tileCoords.length,
    tile({ z, x, y }, visible) {
      // The library keeps every tile it ever cut.
      if (index.tileCoords.length > keptTiles) index = cut();
      const tile = index.getTile(z, x, y);
      const kept = tile?.features.filter(({ tags }) => !visible || visible((tags ?? {}) as TileProperties));
      if (!kept || kept.length === 0) return null;
      return vtPbf.fromGeojsonVt({ [layer]: { features: kept } }, { version: 2, extent: EXTENT });
    },
  };
}
