import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import type { Alert } from '../../../core/api/alerts.ts';
import { alarmShapes } from '../../glyphs/index.ts';
import { age } from '../../i18n/format.ts';
import {
  compareAlarms,
  isDomainShown,
  serverNow,
  timeOf,
  useAlerts,
  useSelection,
  useUi,
} from '../../state/index.ts';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import { fan } from '../fan.ts';
import { featureOf, keepOnly, occupied, putPoint, shiftOf } from '../features.ts';
import { endAll, onChange } from '../follow.ts';
import { pickPoints } from '../pick.ts';
import { fromDegrees } from '../project.ts';
import { alertOrder, alertSizePx, standsAlone } from '../styles/alerts.ts';
import { drawSign } from '../styles/glyphs.ts';
import { text } from '../words.ts';

const FAN_REACH_PX = 60;

/** Open alarms at their place: severity is the shape, state the way it is drawn. */
const alerts: MapLayer = {
  id: 'alerts',
  menu: {
    vi: 'Cảnh báo',
    en: 'Alarms',
    about: {
      vi: 'Cảnh báo đang mở tại nơi xảy ra: hình theo mức độ, cách vẽ theo trạng thái',
      en: 'Open alarms at their place: shape by severity, drawing by state',
    },
    group: 'data',
    defaultOn: true,
    order: 0,
  },
  create({ map, crowd, palette, sprites, language }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.alerts,
      declutter: LABELS,
      renderBuffer: 80,
      style(feature) {
        const alert = feature.get('alert') as Alert;
        const sizePx = alertSizePx(alert);
        const state = alert.state === 'closed' ? 'acknowledged' : alert.state;
        return new Style({
          image: sprites.icon(
            `alert ${alert.severity} ${state} ${palette().name}`,
            { widthPx: sizePx + 4, heightPx: sizePx + 4 },
            (pen) => drawSign(pen, alarmShapes(alert.severity, state), palette(), sizePx),
            { dx: feature.get('dx') as number, dy: feature.get('dy') as number, declutterMode: 'obstacle' },
          ),
          zIndex: alertOrder(alert),
        });
      },
    });

    const shown = (alert: Alert): boolean => {
      if (!alert.position || alert.hold || !isDomainShown(useUi.getState(), alert.domain)) return false;
      if (standsAlone(alert)) return true;
      const { selected } = useSelection.getState();
      if (selected?.kind === 'alert' && selected.id === alert.id) return true;
      // The cluster's arc speaks for it.
      return !(alert.subject.type === 'device' && crowd.isMelted(alert.subject.id));
    };
    const draw = () => {
      const rows = [...useAlerts.getState().byId.values()].filter(shown).sort(compareAlarms);
      const placed = fan(rows, (alert) => alert.position ?? [0, 0]);
      keepOnly(source, new Set(placed.map(({ item }) => item.id)));
      for (const { item, dx, dy } of placed)
        putPoint(source, item.id, fromDegrees(item.position ?? [0, 0]), { alert: item, dx, dy });
    };
    const ends = [
      onChange(useAlerts, (state) => state.byId, draw),
      onChange(useUi, (ui) => ui.hiddenDomains, draw),
      onChange(useSelection, (state) => state.selected, draw),
      crowd.subscribe(draw),
    ];
    draw();
    return {
      layers: [layer],
      pick: (at, tolerancePx) =>
        pickPoints(map, source, at, tolerancePx + 3, FAN_REACH_PX).map(
          ({ feature, spot, distancePx }): Picked => {
            const alert = feature.get('alert') as Alert;
            return {
              selected: { kind: 'alert', id: alert.id },
              spot,
              order: 0,
              // Of two at one place the one on top is meant.
              distancePx: distancePx - alertOrder(alert) * 0.01,
              title: alert.title,
              lines: [
                `${text(`alertState.${alert.state}`, language())} · ${age(serverNow() - timeOf(alert.raisedAt), language())}`,
                alert.areaName ? `${alert.areaName} · ${alert.subject.name}` : alert.subject.name,
              ],
            };
          },
        ),
      occupies: () => occupied(source, (feature) => alertSizePx(feature.get('alert') as Alert) / 2 + 3),
      locate(selected) {
        if (selected.kind !== 'alert') return undefined;
        const alert = useAlerts.getState().byId.get(selected.id);
        if (!alert?.position) return undefined;
        const feature = featureOf(source, selected.id);
        return { at: fromDegrees(alert.position), dx: 0, dy: 0, ...(feature && shiftOf(feature)) };
      },
      restyle: () => layer.changed(),
      dispose: () => endAll(ends),
    };
  },
};
export default alerts;
