import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type { Unit } from '../../../core/api/dispatch.ts';
import { age } from '../../i18n/format.ts';
import { serverNow, timeOf, useUnits } from '../../state/index.ts';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import { featureOf, keepOnly, occupied, putPoint, removeFeature } from '../features.ts';
import { endAll, followRows } from '../follow.ts';
import { pickPoints } from '../pick.ts';
import { drawUnit, FONT } from '../styles/glyphs.ts';
import { alpha } from '../styles/palette.ts';
import { isCompact, isOnTask, unitFreshness, unitLook } from '../styles/units.ts';
import { text, word } from '../words.ts';

const LABEL_FROM_ZOOM = 9;
/** From further away only those on a task are of interest. */
const ALL_FROM_ZOOM = 8.2;
/** A fix that nobody renews must fade by itself. */
const FADE_EVERY_MS = 10_000;

/** Units: a house-arrow with the call sign, turned where it drives, gliding between fixes. */
const units: MapLayer = {
  id: 'units',
  menu: {
    vi: 'Lực lượng',
    en: 'Units',
    about: {
      vi: 'Xe và tổ công tác, hướng đi, việc đang nhận; mờ dần khi vị trí đã cũ',
      en: 'Vehicles and crews, where they head, what they are on; faded when the position is old',
    },
    group: 'data',
    defaultOn: true,
    order: 30,
  },
  create({ map, movers, palette, sprites, language }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.units,
      declutter: LABELS,
      renderBuffer: 60,
      updateWhileInteracting: true,
      style(feature) {
        const unit = feature.get('unit') as Unit;
        if (!isShown(unit)) return undefined;
        const colours = palette();
        const freshness = unitFreshness(timeOf(unit.positionAt), serverNow());
        const zoom = map.getView().getZoom() ?? 0;
        const compact = isCompact(source.getFeatures().length, zoom);
        const look = unitLook(unit, freshness, compact);
        const side = look.sizePx + 6;
        const styles = [
          new Style({
            image: sprites.icon(
              `unit ${look.sizePx} ${look.callSign} ${unit.status} ${look.headingDeg} ${look.opacity} ${colours.name}`,
              { widthPx: side, heightPx: side },
              (pen) => drawUnit(pen, look, colours),
              { declutterMode: 'obstacle' },
            ),
            zIndex: isOnTask(unit.status) ? 3 : unit.status === 'out_of_service' ? 1 : 2,
          }),
        ];
        const lines = [
          look.callSign === null && !compact ? unit.callSign : '',
          freshness === 'fresh' || !unit.positionAt
            ? ''
            : age(serverNow() - timeOf(unit.positionAt), language()),
        ].filter((line) => line !== '');
        if (lines.length > 0 && !compact && zoom >= LABEL_FROM_ZOOM) {
          styles.push(
            new Style({
              text: new Text({
                text: lines.join(' · '),
                font: `500 10.5px ${FONT}`,
                fill: new Fill({ color: colours.muted }),
                stroke: new Stroke({ color: alpha(colours.mapHalo, 0.85), width: 3 }),
                offsetY: 26,
              }),
            }),
          );
        }
        return styles;
      },
    });

    const isShown = (unit: Unit) => isOnTask(unit.status) || (map.getView().getZoom() ?? 0) >= ALL_FROM_ZOOM;
    const put = (unit: Unit) => {
      const at = movers.placeOf(unit.id);
      if (at) putPoint(source, unit.id, [...at], { unit });
      else removeFeature(source, unit.id);
    };
    const ends = [
      followRows(useUnits, put, (rows) => {
        keepOnly(source, rows);
        for (const unit of rows.values()) put(unit);
      }),
      movers.onMove((id, at) => {
        featureOf(source, id)
          ?.getGeometry()
          ?.setCoordinates([...at]);
      }),
    ];
    const fading = setInterval(() => layer.changed(), FADE_EVERY_MS);
    return {
      layers: [layer],
      pick: (at, tolerancePx) =>
        pickPoints(map, source, at, tolerancePx + 4).flatMap(({ feature, ...hit }): Picked[] => {
          const unit = feature.get('unit') as Unit;
          if (!isShown(unit)) return [];
          const stale = unitFreshness(timeOf(unit.positionAt), serverNow()) !== 'fresh';
          return [
            {
              ...hit,
              selected: { kind: 'unit', id: unit.id },
              order: 1,
              title: `${unit.callSign} · ${unit.name}`,
              lines: [
                [
                  text(`unitStatus.${unit.status}`, language()),
                  unit.speedKmh === null ? '' : `${Math.round(unit.speedKmh)} km/h`,
                ]
                  .filter((part) => part !== '')
                  .join(' · '),
                ...(stale && unit.positionAt
                  ? [
                      `${word('stale', language())} · ${age(serverNow() - timeOf(unit.positionAt), language())}`,
                    ]
                  : []),
              ],
            },
          ];
        }),
      occupies: () => occupied(source, () => 16),
      locate(selected) {
        const at = selected.kind === 'unit' ? movers.placeOf(selected.id) : undefined;
        return at ? { at: [...at], dx: 0, dy: 0 } : undefined;
      },
      restyle: () => layer.changed(),
      dispose() {
        endAll(ends);
        clearInterval(fading);
      },
    };
  },
};
export default units;
