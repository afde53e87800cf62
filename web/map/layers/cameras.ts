import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type { Camera } from '../../../core/api/cameras.ts';
import { isDomainShown, serverNow, useCameras, useConnection, useUi } from '../../state/index.ts';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import { follow, onChange } from '../follow.ts';
import { pickPoints } from '../pick.ts';
import { fromDegrees } from '../project.ts';
import { cameraSign, isDown, lastFrameText } from '../styles/cameras.ts';
import { drawSign, FONT } from '../styles/glyphs.ts';
import { alpha } from '../styles/palette.ts';
import { text } from '../words.ts';

const SIZE_PX = 19;
const SMALL_PX = 14;
const FULL_SIZE_FROM_ZOOM = 9.5;
const LAST_FRAME_FROM_ZOOM = 11;
/** From further away a province of cameras is a blue smear. */
const FROM_ZOOM = 8.5;

/** Cameras: an icon; struck through in red, with the time of its last picture, when there is none. */
const cameras: MapLayer = {
  id: 'cameras',
  menu: {
    vi: 'Camera',
    en: 'Cameras',
    about: {
      vi: 'Vị trí camera; gạch đỏ khi mất hình, kèm giờ của hình cuối',
      en: 'Where cameras stand; struck through in red when there is no picture, with the time of the last',
    },
    group: 'data',
    defaultOn: true,
    order: 20,
  },
  create({ map, palette, sprites, language }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.cameras,
      declutter: LABELS,
      minZoom: FROM_ZOOM,
      renderBuffer: 60,
      style(feature) {
        const camera = feature.get('camera') as Camera;
        const zoom = map.getView().getZoom() ?? 0;
        const colours = palette();
        const sizePx = zoom < FULL_SIZE_FROM_ZOOM ? SMALL_PX : SIZE_PX;
        const down = isDown(camera);
        const styles = [
          new Style({
            image: sprites.icon(
              `camera ${camera.state} ${camera.enabled} ${sizePx} ${colours.name}`,
              { widthPx: sizePx + 6, heightPx: sizePx + 6 },
              (pen) => drawSign(pen, cameraSign(camera), colours, sizePx),
              { declutterMode: 'obstacle' },
            ),
            zIndex: down ? 2 : 1,
          }),
        ];
        if (down && zoom >= LAST_FRAME_FROM_ZOOM) {
          styles.push(
            new Style({
              text: new Text({
                text: lastFrameText(camera.lastFrameAt, moment()),
                font: `400 11px ${FONT}`,
                fill: new Fill({ color: colours.muted }),
                stroke: new Stroke({ color: alpha(colours.mapHalo, 0.85), width: 3 }),
                offsetY: 24,
              }),
            }),
          );
        }
        return styles;
      },
    });
    const moment = () => ({
      nowMs: serverNow(),
      timeZone: useConnection.getState().centre?.province.timezone ?? 'Asia/Ho_Chi_Minh',
      language: language(),
    });
    const put = (camera: Camera) => {
      const known = source.getFeatureById(camera.id);
      if (!isDomainShown(useUi.getState(), camera.domain)) {
        if (known && !Array.isArray(known)) source.removeFeature(known);
        return;
      }
      if (known && !Array.isArray(known)) {
        known.getGeometry()?.setCoordinates(fromDegrees(camera.position));
        known.set('camera', camera);
        return;
      }
      const feature = new Feature(new Point(fromDegrees(camera.position)));
      feature.setId(camera.id);
      feature.set('camera', camera, true);
      source.addFeature(feature);
    };
    const all = () => {
      const rows = useCameras.getState().byId;
      for (const feature of source.getFeatures()) {
        if (!rows.has(String(feature.getId()))) source.removeFeature(feature);
      }
      for (const camera of rows.values()) put(camera);
    };
    const ends = [
      follow(useCameras, (changed, rows) => {
        if (changed === null) return all();
        for (const id of changed) {
          const camera = rows.get(id);
          if (camera) put(camera);
          else all();
        }
      }),
      onChange(useUi, (ui) => ui.hiddenDomains, all),
    ];
    return {
      layers: [layer],
      pick(at, tolerance) {
        if ((map.getView().getZoom() ?? 0) <= FROM_ZOOM) return [];
        const resolution = map.getView().getResolution() ?? 1;
        return pickPoints(source, at, tolerance + 3 * resolution).map(
          ({ feature, distance, coordinate }): Picked => {
            const camera = feature.get('camera') as Camera;
            const state = text(`cameraState.${camera.enabled ? camera.state : 'disabled'}`, language());
            return {
              selected: { kind: 'camera', id: camera.id },
              spot: { at: coordinate, dx: 0, dy: 0 },
              order: 2,
              distancePx: distance / resolution,
              title: camera.name,
              lines: [isDown(camera) ? `${state} · ${lastFrameText(camera.lastFrameAt, moment())}` : state],
            };
          },
        );
      },
      occupies: () =>
        source.getFeatures().map((feature) => ({
          at: feature.getGeometry()?.getCoordinates() ?? [],
          dx: 0,
          dy: 0,
          radiusPx: 13,
        })),
      locate(selected) {
        const camera = selected.kind === 'camera' ? useCameras.getState().byId.get(selected.id) : undefined;
        return camera ? { at: fromDegrees(camera.position), dx: 0, dy: 0 } : undefined;
      },
      restyle: () => layer.changed(),
      dispose() {
        for (const end of ends) end();
      },
    };
  },
};
export default cameras;
