import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { isSame, useAlerts, useSelection, useUnits } from '../../state/index.ts';
import { type MapLayer, Z } from '../contract.ts';
import { featureOf, keepOnly } from '../features.ts';
import { endAll, onChange } from '../follow.ts';
import { fromDegrees } from '../project.ts';
import { alpha } from '../styles/palette.ts';
import { isOnTask } from '../styles/units.ts';

/** From each unit on its way to what it is on its way to: straight, because it is a bond and not a route. */
const links: MapLayer = {
  id: 'links',
  menu: {
    vi: 'Đường điều động',
    en: 'Dispatch lines',
    about: {
      vi: 'Nối lực lượng đang đến với nơi cần đến',
      en: 'From units on their way to where they are going',
    },
    group: 'data',
    defaultOn: true,
    order: 35,
  },
  create({ movers, palette }) {
    const source = new VectorSource<Feature<LineString>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.links,
      updateWhileInteracting: true,
      style(feature) {
        const lit = feature.get('lit') === true;
        const colour = alpha(palette().lamp, lit ? 1 : 0.55);
        return new Style({
          stroke: new Stroke({
            color: colour,
            width: lit ? 3 : 2,
            lineDash: [0.5, lit ? 7 : 6],
            lineCap: 'round',
          }),
        });
      },
    });
    const draw = () => {
      const alerts = useAlerts.getState().byId;
      const { selected } = useSelection.getState();
      const now = new Set<string>();
      for (const unit of useUnits.getState().byId.values()) {
        const alert = unit.alertId === null ? undefined : alerts.get(unit.alertId);
        const from = movers.placeOf(unit.id);
        if (!isOnTask(unit.status) || !alert?.position || !from) continue;
        now.add(unit.id);
        const lit =
          isSame(selected, { kind: 'alert', id: alert.id }) ||
          isSame(selected, { kind: 'unit', id: unit.id });
        const to = fromDegrees(alert.position);
        const known = featureOf(source, unit.id);
        if (known) {
          known.getGeometry()?.setCoordinates([[...from], to]);
          if (known.get('lit') !== lit) known.set('lit', lit);
          continue;
        }
        const feature = new Feature(new LineString([[...from], to]));
        feature.setId(unit.id);
        feature.set('lit', lit, true);
        source.addFeature(feature);
      }
      keepOnly(source, now);
    };
    const ends = [
      onChange(useUnits, (state) => state.byId, draw),
      onChange(useAlerts, (state) => state.byId, draw),
      onChange(useSelection, (state) => state.selected, draw),
      movers.onMove((id, at) => {
        const line = featureOf(source, id)?.getGeometry();
        line?.setCoordinates([[...at], line.getLastCoordinate()]);
      }),
    ];
    draw();
    return {
      layers: [layer],
      restyle: () => layer.changed(),
      dispose: () => endAll(ends),
    };
  },
};
export default links;
