import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import WebGLVectorLayer from 'ol/layer/WebGLVector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { deviceShapes } from '../../glyphs/index.ts';
import { age } from '../../i18n/format.ts';
import { serverNow, timeOf, useDevices, useLatest } from '../../state/index.ts';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import { featureOf, keepOnly, occupied, putPoint } from '../features.ts';
import { endAll, follow } from '../follow.ts';
import { canUseGraphicsCard } from '../graphics.ts';
import { pickPoints } from '../pick.ts';
import { fromDegrees } from '../project.ts';
import { placeOf, primaryText } from '../readings.ts';
import { DOT_STATE, type DotKind, dotBoxPx, dotFlatStyle, dotKind, dotSizePx } from '../styles/devices.ts';
import { drawSign } from '../styles/glyphs.ts';
import { text } from '../words.ts';

/** Above this the picture-by-picture canvas costs more than a frame; measured in the bench of the harness. */
const WEBGL_FROM = 2000;

/** Names along rivers cannot step aside from dots; where dots are few enough to keep an eye on, they give way. */
const OBSTACLES_UNTIL = 400;

/** Every device that stands alone at this zoom: a quiet grey dot, in place, never redrawn as a whole. */
const devices: MapLayer = {
  id: 'devices',
  menu: {
    vi: 'Cảm biến',
    en: 'Sensors',
    about: {
      vi: 'Chấm xám: bình thường; rỗng: trễ; nét đứt: mất tín hiệu; vòng có số: nhiều cảm biến',
      en: 'Grey dot: normal; hollow: late; dashed: silent; ring with a number: many sensors',
    },
    group: 'data',
    defaultOn: true,
    order: 10,
  },
  create({ map, crowd, palette, sprites, language }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const styles = new Map<string, Style>();
    const canvas = new VectorLayer({
      source,
      zIndex: Z.devices,
      declutter: LABELS,
      renderBuffer: 20,
      style(feature) {
        const kind = feature.get('kind') as DotKind;
        const sizePx = dotSizePx(map.getView().getZoom() ?? 0);
        const sparse = source.getFeatures().length <= OBSTACLES_UNTIL;
        const key = `${kind} ${sizePx} ${sparse}`;
        let style = styles.get(key);
        if (!style) {
          const colours = palette();
          style = new Style({
            image: sprites.icon(
              `device ${key} ${colours.name}`,
              { widthPx: dotBoxPx(sizePx), heightPx: dotBoxPx(sizePx) },
              (pen) => drawSign(pen, deviceShapes(DOT_STATE[kind]), colours, sizePx),
              { declutterMode: sparse ? 'obstacle' : 'none' },
            ),
          });
          styles.set(key, style);
        }
        return style;
      },
    });
    let gpu: WebGLVectorLayer | undefined;
    let workers = false;
    void canUseGraphicsCard().then((can) => {
      workers = can;
      choose();
    });

    const choose = () => {
      const many = workers && source.getFeatures().length > WEBGL_FROM;
      if (many && !gpu) {
        gpu = new WebGLVectorLayer({
          source,
          zIndex: Z.devices,
          style: dotFlatStyle(palette()),
          disableHitDetection: true,
        });
        gpu.setVisible(canvas.getVisible());
        map.addLayer(gpu);
        canvas.setSource(null);
      } else if (!many && gpu) {
        map.removeLayer(gpu);
        gpu.dispose();
        gpu = undefined;
        canvas.setSource(source);
      }
    };

    /** The dots that stand alone now: those that came and went since the last look, in two strokes. */
    const reconcile = () => {
      const singles = crowd.singles();
      keepOnly(source, singles);
      const rows = useDevices.getState().byId;
      const come: Feature<Point>[] = [];
      for (const id of singles) {
        if (source.getFeatureById(id)) continue;
        const device = rows.get(id);
        const position = placeOf(id);
        if (!device || !position) continue;
        const feature = new Feature(new Point(fromDegrees(position)));
        feature.setId(id);
        feature.set('kind', dotKind(device.state), true);
        come.push(feature);
      }
      if (come.length > 0) source.addFeatures(come);
      choose();
    };

    const update = (ids: Iterable<string>) => {
      const rows = useDevices.getState().byId;
      for (const id of ids) {
        const device = rows.get(id);
        const position = placeOf(id);
        if (!device || !position || !featureOf(source, id)) continue;
        putPoint(source, id, fromDegrees(position), { kind: dotKind(device.state) });
      }
    };

    const ends = [
      crowd.subscribe(reconcile),
      follow(useDevices, (changed, rows) => update(changed ?? rows.keys())),
      follow(useLatest, (changed) => changed && update(changed)),
    ];
    reconcile();

    return {
      layers: [canvas],
      setVisible(on) {
        canvas.setVisible(on);
        gpu?.setVisible(on);
      },
      pick: (at, tolerancePx) =>
        pickPoints(map, source, at, tolerancePx).flatMap(({ feature, ...hit }): Picked[] => {
          const device = useDevices.getState().byId.get(String(feature.getId()));
          if (!device) return [];
          const heard = timeOf(device.lastSeenAt);
          return [
            {
              ...hit,
              selected: { kind: 'device', id: device.id },
              order: 3,
              title: device.name,
              lines: [
                primaryText(device.id, language()) ?? '',
                text(`deviceState.${device.state}`, language()) +
                  (heard ? ` · ${age(serverNow() - heard, language())}` : ''),
              ].filter((line) => line !== ''),
            },
          ];
        }),
      occupies: () => occupied(source, () => dotBoxPx(dotSizePx(map.getView().getZoom() ?? 0)) / 2 + 0.5),
      locate(selected) {
        const position = selected.kind === 'device' ? placeOf(selected.id) : null;
        return position ? { at: fromDegrees(position), dx: 0, dy: 0 } : undefined;
      },
      restyle() {
        styles.clear();
        canvas.changed();
        gpu?.setStyle(dotFlatStyle(palette()));
      },
      dispose() {
        endAll(ends);
        gpu?.dispose();
      },
    };
  },
};
export default devices;
