import type { Coordinate } from 'ol/coordinate';
import type Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import MultiLineString from 'ol/geom/MultiLineString';
import MultiPolygon from 'ol/geom/MultiPolygon';
import Polygon from 'ol/geom/Polygon';
import { borderDrawer } from './borders.ts';

/** Property of an area's feature: its border as lines, without the coast and without what a neighbour already draws. */
export const BORDER = 'border';

/** All rings or lines of a feature, as they come. */
export function linesOf(feature: Feature): Coordinate[][] {
  const geometry = feature.getGeometry();
  if (geometry instanceof LineString) return [geometry.getCoordinates()];
  if (geometry instanceof MultiLineString || geometry instanceof Polygon) return geometry.getCoordinates();
  return geometry instanceof MultiPolygon ? geometry.getCoordinates().flat() : [];
}

/** Gives each area its border; provinces first, so that theirs is the line along the edge. */
export function giveBorders(areas: readonly Feature[], coast?: ReadonlySet<string>): void {
  const draw = borderDrawer(coast);
  const provincesFirst = [...areas].sort((a, b) => rank(a) - rank(b));
  for (const area of provincesFirst) area.set(BORDER, new MultiLineString(draw(linesOf(area))), true);
}

function rank(area: Feature): number {
  return area.get('level') === 'province' ? 0 : 1;
}
