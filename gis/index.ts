/** What the spatial folder offers to the others. Everything but the imports of files is safe in a browser. */
export { type AreaIndex, buildAreaIndex } from './area-index.ts';
export { type BoxIndex, buildBoxIndex } from './box-index.ts';
export { sees } from './fov.ts';
export { areaM2, bboxAround, distanceM, type MultiPolygonRings } from './geo.ts';
export { ASSUMED_ACCURACY_M, type Fence, type FenceState, fenceVerdict, nextFenceState } from './geofence.ts';
export { type ImportedArea, readAreaFile } from './geojson.ts';
export { borderDistanceM, covers, type FlatPolygon, flattenPolygon } from './polygon.ts';
export { cleanGeometry, judgeRepair } from './repair.ts';
export {
  createTileSource,
  MAX_ZOOM,
  parseTileId,
  type TileFeature,
  type TileId,
  type TileProperties,
  type TileSource,
  tileAt,
} from './tiles.ts';
