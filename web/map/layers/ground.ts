import type Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import type Style from 'ol/style/Style';
import { type MapLayer, Z } from '../contract.ts';
import type { ProvinceLayerName } from '../geography/loader.ts';
import { canalWidthPx, coverFrom, fill, isLandCover, line } from '../styles/ground.ts';
import { alpha, type MapPalette } from '../styles/palette.ts';

/** Bottom to top, inside this layer. */
const ORDER = { sea: 0, shoal: 1, land: 2, province: 3, cover: 4, canal: 5, coast: 6, water: 7 } as const;
const FILES: readonly ProvinceLayerName[] = ['land', 'areas', 'landcover', 'waterways', 'water'];

/** The ground of the running province: sea and coast, its own land lifted from its neighbours, green, water. */
const ground: MapLayer = {
  id: 'ground',
  floor: 'ground',
  create({ map, geography, palette }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    let styles = new Map<string, Style | Style[] | undefined>();
    const layer = new VectorLayer({
      source,
      zIndex: Z.geography,
      renderBuffer: 20,
      style(feature) {
        const zoom = map.getView().getZoom() ?? 0;
        const key = `${feature.get('file')} ${feature.get('kind') ?? feature.get('class') ?? ''} ${feature.get('widthM') ?? ''} ${Math.floor(zoom * 4)}`;
        if (!styles.has(key)) styles.set(key, styleOf(feature, zoom, palette()));
        return styles.get(key);
      },
    });
    const load = async (file: ProvinceLayerName) => {
      const features = await geography.province(file);
      source.addFeatures(
        features
          // Communes are drawn by their own layer; here the province is only a piece of land.
          .filter((feature) => file !== 'areas' || feature.get('level') === 'province')
          .map((feature) => {
            const own = feature.clone();
            own.set('file', file, true);
            return own;
          }),
      );
    };
    void Promise.all(FILES.map(load));
    return {
      layers: [layer],
      restyle() {
        styles = new Map();
        layer.changed();
      },
    };
  },
};
export default ground;

function styleOf(feature: FeatureLike, zoom: number, palette: MapPalette): Style | Style[] | undefined {
  const at = (style: Style, zIndex: number) => {
    style.setZIndex(zIndex);
    return style;
  };
  switch (feature.get('file') as ProvinceLayerName) {
    case 'land': {
      const kind = feature.get('kind');
      if (kind === 'sea') return at(fill(palette.water), ORDER.sea);
      if (kind === 'land') return at(fill(palette.neighbour), ORDER.land);
      return [
        line(palette.shoal, zoom < 9 ? 7 : 11, { zIndex: ORDER.shoal }),
        line(palette.coast, 0.9, { zIndex: ORDER.coast }),
      ];
    }
    case 'areas':
      return at(fill(palette.land), ORDER.province);
    case 'landcover': {
      const cover = feature.get('class');
      if (!isLandCover(cover, palette) || zoom < coverFrom(cover)) return undefined;
      return at(fill(palette.cover[cover]), ORDER.cover);
    }
    case 'waterways': {
      const widthPx = canalWidthPx(feature.get('class'), feature.get('widthM'), zoom);
      // Thousands of field ditches are a texture, not lines to read.
      const colour = feature.get('class') === 'ditch' ? alpha(palette.canal, 0.55) : palette.canal;
      return widthPx === null ? undefined : line(colour, widthPx, { zIndex: ORDER.canal });
    }
    default:
      return at(fill(palette.river), ORDER.water);
  }
}
