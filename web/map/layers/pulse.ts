import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import CircleStyle from 'ol/style/Circle';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { useAlerts, useArrivals } from '../../state/index.ts';
import { type MapLayer, Z } from '../contract.ts';
import { onChange } from '../follow.ts';
import { alpha } from '../styles/palette.ts';
import { PULSES_MS, pulseAt } from '../styles/pulse.ts';

/** A new critical alarm pulses three times, then stands still. With reduced motion it only stands. */
const pulse: MapLayer = {
  id: 'pulse',
  create({ locate, palette, still }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.pulse,
      renderBuffer: 60,
      updateWhileAnimating: true,
      updateWhileInteracting: true,
      style(feature) {
        const ring = pulseAt(performance.now() - Number(feature.get('startMs')));
        if (!ring) return undefined;
        return new Style({
          image: new CircleStyle({
            radius: ring.radiusPx,
            stroke: new Stroke({ color: alpha(palette().critical, ring.opacity), width: 2.5 }),
          }),
        });
      },
    });
    let frame = 0;
    const step = () => {
      frame = 0;
      for (const feature of source.getFeatures()) {
        if (performance.now() - Number(feature.get('startMs')) > PULSES_MS) source.removeFeature(feature);
      }
      if (source.getFeatures().length === 0) return;
      layer.changed();
      frame = requestAnimationFrame(step);
    };
    const end = onChange(
      useArrivals,
      (state) => state.atMs,
      (arrivals) => {
        if (still()) return;
        for (const id of arrivals.keys()) {
          const alert = useAlerts.getState().byId.get(id);
          const isNew = alert?.severity === 'critical' && alert.state === 'unacknowledged';
          const spot = isNew && !seen.has(id) ? locate({ kind: 'alert', id }) : undefined;
          if (!spot) continue;
          seen.add(id);
          const feature = new Feature(new Point(spot.at));
          feature.set('startMs', performance.now(), true);
          source.addFeature(feature);
        }
        for (const id of seen) if (!arrivals.has(id)) seen.delete(id);
        if (frame === 0) frame = requestAnimationFrame(step);
      },
    );
    const seen = new Set<number>();
    return {
      layers: [layer],
      dispose() {
        end();
        cancelAnimationFrame(frame);
      },
    };
  },
};
export default pulse;
