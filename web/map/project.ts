import type { Coordinate } from 'ol/coordinate';
import type { Extent } from 'ol/extent';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj';
import type { Bbox, LonLat } from '../../core/reading.ts';

/** `[lon, lat]` in degrees → map coordinates (Web Mercator, metres at the equator). */
export function fromDegrees([lon, lat]: Readonly<LonLat>): Coordinate {
  return fromLonLat([lon, lat]);
}

export function toDegrees(at: Coordinate): LonLat {
  const [lon = 0, lat = 0] = toLonLat(at);
  return [lon, lat];
}

export function toBbox(extent: Extent): Bbox {
  return transformExtent(extent, 'EPSG:3857', 'EPSG:4326') as Bbox;
}

/** How many map metres one metre on the ground is at this latitude. */
export function stretchAt([, lat]: Readonly<LonLat>): number {
  return 1 / Math.cos((lat * Math.PI) / 180);
}
