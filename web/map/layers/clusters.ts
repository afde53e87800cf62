import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import type { Cluster } from '../crowd-index.ts';
import { pickPoints } from '../pick.ts';
import { fromDegrees } from '../project.ts';
import { clusterLook } from '../styles/clusters.ts';
import { drawCluster } from '../styles/glyphs.ts';
import { word } from '../words.ts';

const OPEN_MS = 300;

/** Devices that would stand on each other's toes: a ring with their number and the worst of their states. */
const clusters: MapLayer = {
  id: 'clusters',
  create({ map, crowd, palette, sprites, language, still }) {
    const source = new VectorSource<Feature<Point>>({ wrapX: false });
    const layer = new VectorLayer({
      source,
      zIndex: Z.clusters,
      declutter: LABELS,
      renderBuffer: 40,
      style(feature) {
        const cluster = feature.get('cluster') as Cluster;
        const look = clusterLook(cluster);
        const side = look.radiusPx * 2 + 16;
        const share = look.arc ? look.arc.share.toFixed(3) : '';
        return new Style({
          image: sprites.icon(
            `cluster ${look.label} ${look.radiusPx} ${cluster.worst} ${share} ${palette().name}`,
            { widthPx: side, heightPx: side },
            (pen) => drawCluster(pen, look, palette()),
            { declutterMode: 'obstacle' },
          ),
        });
      },
    });
    const reconcile = () => {
      const now = new Map(crowd.clusters().map((cluster) => [cluster.key, cluster]));
      for (const feature of source.getFeatures()) {
        const next = now.get(String(feature.getId()));
        if (!next) {
          source.removeFeature(feature);
          continue;
        }
        now.delete(next.key);
        feature.getGeometry()?.setCoordinates(fromDegrees([next.lon, next.lat]));
        feature.set('cluster', next);
      }
      source.addFeatures(
        [...now.values()].map((cluster) => {
          const feature = new Feature(new Point(fromDegrees([cluster.lon, cluster.lat])));
          feature.setId(cluster.key);
          feature.set('cluster', cluster, true);
          return feature;
        }),
      );
    };
    const end = crowd.subscribe(reconcile);
    reconcile();
    return {
      layers: [layer],
      pick(at, tolerance) {
        const resolution = map.getView().getResolution() ?? 1;
        return pickPoints(source, at, tolerance + 12 * resolution).map(
          ({ feature, distance, coordinate }): Picked => {
            const cluster = feature.get('cluster') as Cluster;
            const alarmed = cluster.alarmed > 0 ? [`${cluster.alarmed} ${word('inAlarm', language())}`] : [];
            return {
              selected: null,
              spot: { at: coordinate, dx: 0, dy: 0 },
              order: 4,
              distancePx: distance / resolution,
              title: `${cluster.count} ${word('sensors', language())}`,
              lines: alarmed,
              act() {
                map.getView().animate({
                  center: coordinate,
                  zoom: cluster.opensAtZoom + 0.2,
                  duration: still() ? 0 : OPEN_MS,
                });
              },
            };
          },
        );
      },
      occupies: () =>
        source.getFeatures().map((feature) => ({
          at: feature.getGeometry()?.getCoordinates() ?? [],
          dx: 0,
          dy: 0,
          radiusPx: clusterLook(feature.get('cluster') as Cluster).radiusPx + 8,
        })),
      restyle: () => layer.changed(),
      dispose: end,
    };
  },
};
export default clusters;
