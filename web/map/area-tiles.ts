/** Areas of a province that has no drawn layers: from the registry, cut into vector tiles for the one who looks. */
import type Feature from 'ol/Feature';
import OlFeature from 'ol/Feature';
import MVT from 'ol/format/MVT';
import VectorTileLayer from 'ol/layer/VectorTile';
import VectorTileSource from 'ol/source/VectorTile';
import type { StyleFunction } from 'ol/style/Style';
import TileState from 'ol/TileState';
import type OlVectorTile from 'ol/VectorTile';
import { api } from '../state/index.ts';
import { giveBorders } from './area-border.ts';
import { Z } from './contract.ts';

/** The server's pyramid ends here; closer up its last tiles are stretched. */
const TILES_UNTIL_ZOOM = 14;

export function areaTiles(style: StyleFunction): VectorTileLayer {
  const format = new MVT<Feature>({ featureClass: OlFeature });
  return new VectorTileLayer({
    zIndex: Z.areas,
    renderBuffer: 30,
    style,
    source: new VectorTileSource({
      format,
      maxZoom: TILES_UNTIL_ZOOM,
      wrapX: false,
      url: '/tiles/areas/{z}/{x}/{y}.mvt',
      tileLoadFunction(tile, path) {
        const vectorTile = tile as OlVectorTile<Feature>;
        vectorTile.setLoader((extent, _resolution, projection) => {
          api.http
            .blob(path)
            .then(({ blob }) => blob.arrayBuffer())
            .then(
              (data) => {
                const features = format.readFeatures(data, { extent, featureProjection: projection });
                giveBorders(features);
                vectorTile.setFeatures(features);
              },
              () => vectorTile.setState(TileState.ERROR),
            );
        });
      },
    }),
  });
}
