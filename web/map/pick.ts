import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import type OlMap from 'ol/Map';
import type VectorSource from 'ol/source/Vector';
import type { Picked, Spot } from './contract.ts';
import { shiftOf } from './features.ts';

interface PointHit {
  feature: Feature<Point>;
  spot: Spot;
  distancePx: number;
}

/**
 * Signs of a source within `tolerancePx`, by the source's own spatial index: the same for canvas and WebGL, and far
 * cheaper than asking the picture what was drawn where. `reachPx` is how far a sign may stand beside its place.
 */
export function pickPoints(
  map: OlMap,
  source: VectorSource<Feature<Point>>,
  [x = 0, y = 0]: Coordinate,
  tolerancePx: number,
  reachPx = 0,
): PointHit[] {
  const resolution = map.getView().getResolution() ?? 1;
  const hits: PointHit[] = [];
  const wide = (tolerancePx + reachPx) * resolution;
  source.forEachFeatureInExtent([x - wide, y - wide, x + wide, y + wide], (feature) => {
    const at = feature.getGeometry()?.getCoordinates();
    if (!at) return;
    const { dx, dy } = shiftOf(feature);
    const distancePx = Math.hypot(((at[0] ?? 0) - x) / resolution + dx, ((at[1] ?? 0) - y) / resolution - dy);
    if (distancePx <= tolerancePx) hits.push({ feature, spot: { at, dx, dy }, distancePx });
  });
  return hits;
}

/** What a click means: the kind that matters most first, then the nearest. */
export function order(picked: readonly Picked[]): Picked[] {
  return [...picked].sort((a, b) => a.order - b.order || a.distancePx - b.distancePx);
}
