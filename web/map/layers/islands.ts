import { createEmpty, extend, getCenter, getIntersection, isEmpty } from 'ol/extent';
import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import { fromExtent } from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import { LABELS, type MapLayer, Z } from '../contract.ts';
import { FONT } from '../styles/glyphs.ts';
import { archipelagoLines } from '../styles/names.ts';
import { alpha } from '../styles/palette.ts';

const ISLAND_NAMES_FROM_ZOOM = 8.5;

/**
 * Hoàng Sa and Trường Sa: drawn and named at every zoom at which any part of them is in view. Not in the menu:
 * nobody can switch them off, and no other name may take their place.
 */
const islands: MapLayer = {
  id: 'islands',
  create({ map, geography, palette, language, sprites }) {
    const source = new VectorSource<Feature>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.islands,
      declutter: LABELS,
      renderBuffer: 200,
      // The name is placed anew in what the screen shows of an archipelago, also while it moves.
      updateWhileAnimating: true,
      updateWhileInteracting: true,
      style: (feature) =>
        feature.get('kind') === 'archipelago' ? nameStyle(feature as Feature) : dot(feature as Feature),
    });

    void Promise.all([geography.base('labels'), geography.base('archipelagos')]).then(([labels, points]) => {
      const archipelagos = labels.filter((label) => label.get('kind') === 'archipelago');
      for (const label of archipelagos) {
        const own = points.filter((point) => belongs(point, label));
        const extent = own.reduce((sum, point) => {
          const geometry = point.getGeometry();
          return geometry ? extend(sum, geometry.getExtent()) : sum;
        }, createEmpty());
        if (isEmpty(extent)) continue;
        source.addFeature(
          new Feature({
            geometry: fromExtent(extent),
            kind: 'archipelago',
            name: label.get('name'),
            nameEn: label.get('nameEn'),
            at: (label.getGeometry() as Point).getCoordinates(),
          }),
        );
      }
      source.addFeatures(points);
    });

    const nameStyle = (feature: Feature): Style => {
      const zoom = map.getView().getZoom() ?? 0;
      const colours = palette();
      const text = String(language() === 'en' ? feature.get('nameEn') : feature.get('name'));
      return new Style({
        geometry: () => {
          const seen = map.getView().calculateExtent(map.getSize());
          const own = feature.getGeometry()?.getExtent();
          const at = feature.get('at') as number[];
          if (!own) return undefined;
          const [x = 0, y = 0] = at;
          const inside = x > (seen[0] ?? 0) && x < (seen[2] ?? 0) && y > (seen[1] ?? 0) && y < (seen[3] ?? 0);
          const shared = getIntersection(own, seen);
          return new Point(inside || isEmpty(shared) ? at : getCenter(shared));
        },
        text: new Text({
          text: archipelagoLines(text),
          font: `500 ${zoom < 5 ? 11.5 : zoom < 7 ? 12.5 : 14}px ${FONT}`,
          fill: new Fill({ color: colours.strongText }),
          stroke: new Stroke({ color: alpha(colours.water, 0.9), width: 3.5 }),
          padding: [2, 4, 2, 4],
          overflow: true,
          declutterMode: 'obstacle',
        }),
        zIndex: 10,
      });
    };

    const dot = (feature: Feature): Style[] => {
      const zoom = map.getView().getZoom() ?? 0;
      const colours = palette();
      const reef = feature.get('kind') === 'reef';
      const radius = (reef ? 1.4 : 1.8) + Math.max(0, Math.min(4, (zoom - 5) * 0.45));
      const styles = [
        new Style({
          image: sprites.icon(
            `island ${reef} ${radius.toFixed(1)} ${colours.name}`,
            { widthPx: radius * 2 + 10, heightPx: radius * 2 + 10 },
            (pen) => {
              pen.beginPath();
              pen.arc(0, 0, radius + 2.6, 0, 2 * Math.PI);
              pen.fillStyle = colours.shoal;
              pen.fill();
              pen.beginPath();
              pen.arc(0, 0, radius, 0, 2 * Math.PI);
              if (!reef) {
                pen.fillStyle = colours.name === 'dark' ? colours.border : colours.land;
                pen.fill();
              }
              pen.strokeStyle = colours.name === 'dark' ? colours.mapLabel : colours.province;
              pen.lineWidth = 0.9;
              if (reef) pen.setLineDash([1.5, 1.2]);
              pen.stroke();
            },
            { declutterMode: 'none' },
          ),
        }),
      ];
      if (zoom >= ISLAND_NAMES_FROM_ZOOM && !(reef && zoom < 9.5)) {
        styles.push(
          new Style({
            text: new Text({
              text: String(feature.get('name') ?? ''),
              font: `${reef ? 'italic ' : ''}400 ${zoom > 11 ? 13 : 11.5}px ${FONT}`,
              fill: new Fill({ color: colours.mapLabel }),
              stroke: new Stroke({ color: alpha(colours.water, 0.85), width: 3 }),
              textAlign: 'left',
              offsetX: radius + 6,
            }),
            zIndex: reef ? 1 : 2,
          }),
        );
      }
      return styles;
    };
    return { layers: [layer], restyle: () => layer.changed() };
  },
};
export default islands;

/** `archipelago: Hoàng Sa` belongs under the label `Quần đảo Hoàng Sa (Việt Nam)`. */
function belongs(point: Feature, label: Feature): boolean {
  const name: unknown = point.get('archipelago');
  return typeof name === 'string' && String(label.get('name')).includes(name);
}
