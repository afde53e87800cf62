import type Feature from 'ol/Feature';
import OlFeature from 'ol/Feature';
import MultiPolygon from 'ol/geom/MultiPolygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { type MapLayer, Z } from '../contract.ts';
import type { WorldPart } from '../geography/loader.ts';
import type { MapPalette } from '../styles/palette.ts';

/** The world under everything: land with a seam of shallow water, the country lifted from it, quiet borders. */
const world: MapLayer = {
  id: 'world',
  floor: 'ground',
  create({ geography, palette }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    let looks = looksOf(palette());
    const layer = new VectorLayer({
      source,
      zIndex: Z.land,
      style: (feature) => looks[feature.get('part') as WorldPart],
    });
    const load = async (part: WorldPart) => {
      const features = await geography.world(part);
      source.addFeatures(
        features.flatMap(apart).map((feature) => {
          feature.set('part', part, true);
          return feature;
        }),
      );
    };
    void Promise.all([load('land'), load('vietnam'), load('borders')]);
    return {
      layers: [layer],
      restyle() {
        looks = looksOf(palette());
        layer.changed();
      },
    };
  },
};
export default world;

/** One feature for each island and continent: only those in view are drawn. */
function apart(feature: Feature): Feature[] {
  const geometry = feature.getGeometry();
  if (!(geometry instanceof MultiPolygon)) return [feature];
  return geometry.getPolygons().map((polygon) => new OlFeature(polygon));
}

function looksOf(palette: MapPalette): Record<WorldPart, Style[]> {
  return {
    land: [
      new Style({ stroke: new Stroke({ color: palette.shoal, width: 7 }), zIndex: 0 }),
      new Style({
        fill: new Fill({ color: palette.foreign }),
        stroke: new Stroke({ color: palette.coast, width: 0.8 }),
        zIndex: 1,
      }),
    ],
    vietnam: [
      new Style({
        fill: new Fill({ color: palette.neighbour }),
        stroke: new Stroke({ color: palette.coast, width: 0.8 }),
        zIndex: 2,
      }),
    ],
    borders: [
      new Style({
        stroke: new Stroke({ color: palette.country, width: 1, lineDash: [7, 3, 1.5, 3] }),
        zIndex: 3,
      }),
    ],
  };
}
