import type Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import type { Severity } from '../../../core/api/common.ts';
import { isSame, useAlerts, useLatest, useSelection } from '../../state/index.ts';
import { LABELS, type MapLayer, Z } from '../contract.ts';
import { keepOnly, putPoint } from '../features.ts';
import { endAll, onChange } from '../follow.ts';
import { fromDegrees, toBbox } from '../project.ts';
import { placeOf, primaryReading } from '../readings.ts';
import { alertSizePx } from '../styles/alerts.ts';
import { drawPlate, plateWidth } from '../styles/glyphs.ts';
import { plateLook, plateSides } from '../styles/plates.ts';
import { ringLook } from '../styles/rings.ts';

/** Below this only devices in alarm say their value: a province full of numbers says nothing. */
const ALL_FROM_ZOOM = 11;
const ALARMED_FROM_ZOOM = 8;
/** With more sensors than this on the screen only those in alarm speak: there is no room for all, nor an eye. */
const TOO_MANY = 150;
/** Numbers need not change faster than they can be read. */
const EVERY_MS = 500;
/** Ages grow also when nothing arrives. */
const AGES_EVERY_MS = 15_000;

interface PlateFacts {
  text: string;
  severity: Severity | null;
  stale: boolean;
  valid: boolean;
  dx: number;
  dy: number;
}

/** Small plates with the one value that matters, where there is room for them. */
const values: MapLayer = {
  id: 'values',
  menu: {
    vi: 'Số đo',
    en: 'Values',
    about: {
      vi: 'Số đo mới nhất cạnh cảm biến; viền màu khi đang có cảnh báo',
      en: 'Latest value beside a sensor; a coloured edge when it is in alarm',
    },
    group: 'data',
    defaultOn: true,
    order: 15,
  },
  create({ map, crowd, crowding, palette, sprites, language }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const plates = (alarmed: boolean) =>
      new VectorLayer({
        source,
        zIndex: alarmed ? Z.alarmValues : Z.values,
        declutter: LABELS,
        renderBuffer: 120,
        style: (feature) => ((feature.get('severity') !== null) === alarmed ? plate(feature) : undefined),
      });
    // A value in alarm takes its room before names, a quiet one after them.
    const layers = [plates(false), plates(true)];
    const plate = (feature: FeatureLike): Style => {
      const { text, severity, stale, valid, dx, dy } = feature.getProperties() as PlateFacts;
      const look = plateLook(text, severity, { stale, valid }, palette());
      const widthPx = sprites.measure((pen) => plateWidth(pen, text));
      return new Style({
        image: sprites.icon(
          `plate ${text} ${severity} ${stale} ${valid} ${palette().name}`,
          { widthPx: widthPx + 4, heightPx: 21 },
          (pen) => drawPlate(pen, look, widthPx),
          { dx, dy, declutterMode: 'declutter' },
        ),
      });
    };

    const inView = (ids: Iterable<string>): string[] => {
      const [west, south, east, north] = toBbox(map.getView().calculateExtent(map.getSize()));
      return [...ids].filter((id) => {
        const [lon, lat] = placeOf(id) ?? [999, 999];
        return lon >= west && lon <= east && lat >= south && lat <= north;
      });
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      const zoom = map.getView().getZoom() ?? 0;
      const wanted = new Set<string>();
      if (zoom >= ALARMED_FROM_ZOOM && layers.some((layer) => layer.getVisible())) {
        const about = quantitiesInAlarm();
        const seen = inView(crowd.singles());
        const all = zoom >= ALL_FROM_ZOOM && seen.length <= TOO_MANY;
        for (const id of seen) {
          const severity = crowd.severityOf(id);
          if (severity === null && !all) continue;
          const reading = primaryReading(id, language(), about.get(id));
          const position = placeOf(id);
          if (!reading || !position) continue;
          const at = fromDegrees(position);
          const widthPx = sprites.measure((pen) => plateWidth(pen, reading.text));
          const ring = isChosen(id)
            ? ringLook(severity === null ? 'device' : 'alert', 'selected', null).radiusPx
            : 0;
          const sign = severity === null ? 6 : alertSizePx({ severity, state: 'unacknowledged' }) / 2;
          const beside = Math.max(sign, ring);
          // A quiet value stands beside its dot or not at all; one in alarm may look further.
          const sides = plateSides(widthPx, beside).slice(0, severity === null ? 4 : undefined);
          const { offset, taken } = crowding.place(at, { widthPx, heightPx: 18 }, sides);
          // No room on any side: a quiet value can wait, one in alarm says itself all the same.
          if (taken > 0 && severity === null) continue;
          wanted.add(id);
          const facts: PlateFacts = { ...reading, severity, dx: offset[0], dy: offset[1] };
          putPoint(source, id, at, { ...facts });
        }
      }
      keepOnly(source, wanted);
    };
    const later = () => {
      timer ??= setTimeout(draw, EVERY_MS);
    };
    const ends = [
      crowding.subscribe(draw),
      onChange(useLatest, (state) => state.byId, later),
      onChange(useAlerts, (state) => state.byId, later),
    ];
    const ages = setInterval(later, AGES_EVERY_MS);
    draw();
    return {
      layers,
      setVisible(on) {
        for (const layer of layers) layer.setVisible(on);
        draw();
      },
      restyle() {
        draw();
        for (const layer of layers) layer.changed();
      },
      dispose() {
        endAll(ends);
        clearTimeout(timer);
        clearInterval(ages);
      },
    };
  },
};
export default values;

/** Whether the selection's ring stands round this device. */
function isChosen(deviceId: string): boolean {
  const { selected } = useSelection.getState();
  if (selected?.kind !== 'alert') return isSame(selected, { kind: 'device', id: deviceId });
  return useAlerts.getState().byId.get(selected.id)?.subject.id === deviceId;
}

/** The quantity that a device's alarm is about, where the evidence says so. */
function quantitiesInAlarm(): Map<string, string> {
  const about = new Map<string, string>();
  for (const alert of useAlerts.getState().byId.values()) {
    const { quantity } = alert.evidence;
    if (alert.subject.type === 'device' && typeof quantity === 'string')
      about.set(alert.subject.id, quantity);
  }
  return about;
}
