/** What the spatial folder offers to the others. Everything but the imports of files is safe in a browser. */
export { type AreaIndex, type AreaShape, buildAreaIndex } from './area-index.ts';
export { DEFAULT_RANGE_M, sees, type View, viewBbox, viewPolygon, viewRank } from './fov.ts';
export {
  areaM2,
  azimuthDeg,
  type Bbox,
  bboxAround,
  bboxOf,
  destination,
  distanceM,
  type MultiPolygonRings,
  type PolygonRings,
} from './geo.ts';
export {
  ASSUMED_ACCURACY_M,
  type Fence,
  type FenceCrossing,
  type FenceSide,
  type FenceState,
  type FenceVerdict,
  fenceVerdict,
  nextFenceState,
} from './geofence.ts';
export { type AreaFile, type ImportedArea, type RefusedFeature, readAreaFile } from './geojson.ts';
export { borderDistanceM, covers, type FlatPolygon, flattenPolygon } from './polygon.ts';
export { type CleanGeometry, cleanGeometry, judgeRepair } from './repair.ts';
export {
  createTileSource,
  MAX_ZOOM,
  parseTileId,
  type TileFeature,
  type TileId,
  type TileProperties,
  type TileSource,
  tileAt,
  tileBbox,
} from './tiles.ts';
