/** The features of a source by their ids: what every layer does that draws rows of a table. */
import type { Coordinate } from 'ol/coordinate';
import Feature from 'ol/Feature';
import type Geometry from 'ol/geom/Geometry';
import Point from 'ol/geom/Point';
import type VectorSource from 'ol/source/Vector';
import type { Spot } from './contract.ts';

type Id = string | number;

/** The library may answer with several, for sources of another kind than ours. */
export function featureOf<G extends Geometry>(
  source: VectorSource<Feature<G>>,
  id: Id,
): Feature<G> | undefined {
  const found = source.getFeatureById(id);
  return found && !Array.isArray(found) ? found : undefined;
}

/** Puts a point with its properties, or brings it up to date; what is as it was costs no new picture. */
export function putPoint(
  source: VectorSource<Feature<Point>>,
  id: Id,
  at: Coordinate,
  properties: Readonly<Record<string, unknown>>,
): void {
  const known = featureOf(source, id);
  if (!known) {
    const feature = new Feature(new Point(at));
    feature.setId(id);
    feature.setProperties(properties, true);
    source.addFeature(feature);
    return;
  }
  const geometry = known.getGeometry();
  const [x, y] = geometry?.getCoordinates() ?? [];
  if (x !== at[0] || y !== at[1]) geometry?.setCoordinates(at);
  if (Object.entries(properties).some(([key, value]) => known.get(key) !== value))
    known.setProperties(properties);
}

export function removeFeature(source: VectorSource<Feature<Point>>, id: Id): void {
  const known = featureOf(source, id);
  if (known) source.removeFeature(known);
}

/** Removes every feature whose id is not among these. */
export function keepOnly<K extends Id>(source: VectorSource, ids: { has(id: K): boolean }): void {
  const gone = source.getFeatures().filter((feature) => !ids.has(feature.getId() as K));
  if (gone.length > 0) source.removeFeatures(gone);
}

/** The ground that round signs stand on. */
export function occupied(
  source: VectorSource<Feature<Point>>,
  radiusPx: (feature: Feature<Point>) => number,
): (Spot & { radiusPx: number })[] {
  return source.getFeatures().map((feature) => ({
    at: feature.getGeometry()?.getCoordinates() ?? [],
    ...shiftOf(feature),
    radiusPx: radiusPx(feature),
  }));
}

/** How many pixels beside its place the sign stands (x right, y down). */
export function shiftOf(feature: Feature<Point>): { dx: number; dy: number } {
  return { dx: feature.get('dx') ?? 0, dy: feature.get('dy') ?? 0 };
}
