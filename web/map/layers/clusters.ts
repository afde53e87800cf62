import type Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Style from 'ol/style/Style';
import { LABELS, type MapLayer, type Picked, Z } from '../contract.ts';
import type { Cluster } from '../crowd-index.ts';
import { keepOnly, occupied, putPoint } from '../features.ts';
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
      const now = crowd.clusters();
      keepOnly(source, new Set(now.map(({ key }) => key)));
      for (const cluster of now)
        putPoint(source, cluster.key, fromDegrees([cluster.lon, cluster.lat]), { cluster });
    };
    const end = crowd.subscribe(reconcile);
    reconcile();
    return {
      layers: [layer],
      pick: (at, tolerancePx) =>
        pickPoints(map, source, at, tolerancePx + 12).map(({ feature, ...hit }): Picked => {
          const cluster = feature.get('cluster') as Cluster;
          const alarmed = cluster.alarmed > 0 ? [`${cluster.alarmed} ${word('inAlarm', language())}`] : [];
          return {
            ...hit,
            selected: null,
            order: 4,
            title: `${cluster.count} ${word('sensors', language())}`,
            lines: alarmed,
            act() {
              map.getView().animate({
                center: hit.spot.at,
                zoom: cluster.opensAtZoom + 0.2,
                duration: still() ? 0 : OPEN_MS,
              });
            },
          };
        }),
      occupies: () =>
        occupied(source, (feature) => clusterLook(feature.get('cluster') as Cluster).radiusPx + 8),
      restyle: () => layer.changed(),
      dispose: end,
    };
  },
};
export default clusters;
