import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type { Camera } from '../../../core/api/cameras.ts';
import { isDomainShown, serverNow, useCameras, useConnection, useUi } from '../../state/index.ts';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import { keepOnly, occupied, putPoint, removeFeature } from '../features.ts';
import { endAll, followRows, onChange } from '../follow.ts';
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
      if (isDomainShown(useUi.getState(), camera.domain))
        putPoint(source, camera.id, fromDegrees(camera.position), { camera });
      else removeFeature(source, camera.id);
    };
    const all = () => {
      const rows = useCameras.getState().byId;
      keepOnly(source, rows);
      for (const camera of rows.values()) put(camera);
    };
    const ends = [followRows(useCameras, put, all), onChange(useUi, (ui) => ui.hiddenDomains, all)];
    return {
      layers: [layer],
      pick(at, tolerancePx) {
        if ((map.getView().getZoom() ?? 0) <= FROM_ZOOM) return [];
        return pickPoints(map, source, at, tolerancePx + 3).map(({ feature, ...hit }): Picked => {
          const camera = feature.get('camera') as Camera;
          const state = text(`cameraState.${camera.enabled ? camera.state : 'disabled'}`, language());
          return {
            ...hit,
            selected: { kind: 'camera', id: camera.id },
            order: 2,
            title: camera.name,
            lines: [isDown(camera) ? `${state} · ${lastFrameText(camera.lastFrameAt, moment())}` : state],
          };
        });
      },
      occupies: () => occupied(source, () => 13),
      locate(selected) {
        const camera = selected.kind === 'camera' ? useCameras.getState().byId.get(selected.id) : undefined;
        return camera ? { at: fromDegrees(camera.position), dx: 0, dy: 0 } : undefined;
      },
      restyle: () => layer.changed(),
      dispose: () => endAll(ends),
    };
  },
};
export default cameras;
