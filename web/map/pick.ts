import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import type VectorSource from 'ol/source/Vector';
import type { Picked } from './contract.ts';

export interface PointHit {
  feature: Feature<Point>;
  coordinate: Coordinate;
  /** Map units. */
  distance: number;
}

/**
 * Points of a source within `tolerance` map units, by the source's own spatial index: the same for canvas and
 * WebGL, and far cheaper than asking the picture what was drawn where. `shift` moves a sign off its place.
 */
export function pickPoints(
  source: VectorSource<Feature<Point>>,
  [x = 0, y = 0]: Coordinate,
  tolerance: number,
  shift: (feature: Feature<Point>) => readonly [number, number] = () => [0, 0],
  reach = 0,
): PointHit[] {
  const hits: PointHit[] = [];
  const wide = tolerance + reach;
  source.forEachFeatureInExtent([x - wide, y - wide, x + wide, y + wide], (feature) => {
    const coordinate = feature.getGeometry()?.getCoordinates();
    if (!coordinate) return;
    const [dx, dy] = shift(feature);
    const distance = Math.hypot((coordinate[0] ?? 0) + dx - x, (coordinate[1] ?? 0) + dy - y);
    if (distance <= tolerance) hits.push({ feature, coordinate, distance });
  });
  return hits;
}

/** What a click means: the kind that matters most first, then the nearest. */
export function order(picked: readonly Picked[]): Picked[] {
  return [...picked].sort((a, b) => a.order - b.order || a.distancePx - b.distancePx);
}
