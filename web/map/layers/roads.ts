import type Feature from 'ol/Feature';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import type Style from 'ol/style/Style';
import { type MapLayer, Z } from '../contract.ts';
import { isRoadClass, line, roadLook } from '../styles/ground.ts';

/** Roads by class, each with its edge; bridges over everything they cross. */
const roads: MapLayer = {
  id: 'roads',
  floor: 'ground',
  menu: {
    vi: 'Đường',
    en: 'Roads',
    about: {
      vi: 'Quốc lộ, đường tỉnh, đường phố và cầu, kèm số hiệu',
      en: 'National and provincial roads, streets and bridges, with their numbers',
    },
    group: 'base',
    defaultOn: true,
    order: 20,
  },
  create({ map, geography, palette }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    let styles = new Map<string, Style[]>();
    const layer = new VectorLayer({
      source,
      zIndex: Z.roads,
      renderBuffer: 20,
      style(feature) {
        const roadClass = feature.get('class');
        if (!isRoadClass(roadClass)) return undefined;
        const zoom = Math.floor((map.getView().getZoom() ?? 0) * 4) / 4;
        const bridge = feature.get('bridge') === true;
        const key = `${roadClass} ${bridge} ${zoom}`;
        let style = styles.get(key);
        if (!style) {
          const look = roadLook(roadClass, bridge, zoom, palette());
          style = look
            ? [
                ...(look.casingPx > 0
                  ? [
                      line(look.casing, look.widthPx + 2 * look.casingPx, {
                        cap: bridge ? 'butt' : 'round',
                        zIndex: look.order > 10 ? 20 : 0,
                      }),
                    ]
                  : []),
                line(look.colour, look.widthPx, { zIndex: look.order > 10 ? 21 : 1 + look.order }),
              ]
            : [];
          styles.set(key, style);
        }
        return style;
      },
    });
    void geography.province('roads').then((features) => source.addFeatures(features));
    return {
      layers: [layer],
      restyle() {
        styles = new Map();
        layer.changed();
      },
    };
  },
};
export default roads;
