/** Which devices stand alone and which melt into a cluster, at one zoom: pure, fed by `crowd.ts`. */
import Supercluster from 'supercluster';
import type { Severity } from '../../core/api/common.ts';
import type { Bbox } from '../../core/reading.ts';
import { worse } from './styles/alerts.ts';
import type { ClusterSign } from './styles/clusters.ts';

export interface CrowdPoint {
  id: string;
  lon: number;
  lat: number;
  /** Of the worst open alarm on it. */
  severity: Severity | null;
  /** Never melts: a critical alarm nobody has acknowledged, or the selected thing. */
  alone: boolean;
}

export interface Cluster extends ClusterSign {
  /** The same cluster at the same zoom keeps its key while its members stay. */
  key: string;
  lon: number;
  lat: number;
  /** Zoom at which it falls apart. */
  opensAtZoom: number;
}

export interface CrowdView {
  clusters: readonly Cluster[];
  singles: ReadonlySet<string>;
}

/** Pixels (of a 256-pixel tile pyramid, the map's own) within which devices melt. */
const RADIUS_PX = 44;
/** From here on everything stands alone. */
export const CLUSTERS_UNTIL_ZOOM = 13;
/** Two dots side by side are clearer than a ring with a 2. */
const MIN_POINTS = 4;

type Own = { id: string; severity: Severity | null };
type Sum = { alarmed: number; worst: Severity | null };

export interface CrowdIndex {
  view(bbox: Bbox, zoom: number): CrowdView;
}

export function buildCrowd(points: readonly CrowdPoint[]): CrowdIndex {
  const alone = points.filter((point) => point.alone);
  const index = new Supercluster<Own, Sum>({
    radius: RADIUS_PX,
    extent: 256,
    maxZoom: CLUSTERS_UNTIL_ZOOM - 1,
    minPoints: MIN_POINTS,
    map: ({ severity }) => ({ alarmed: severity === null ? 0 : 1, worst: severity }),
    reduce(sum, more) {
      sum.alarmed += more.alarmed;
      sum.worst = worse(sum.worst, more.worst);
    },
  });
  index.load(
    points
      .filter((point) => !point.alone)
      .map(({ id, lon, lat, severity }) => ({
        type: 'Feature' as const,
        properties: { id, severity },
        geometry: { type: 'Point' as const, coordinates: [lon, lat] },
      })),
  );
  return {
    view(bbox, zoom) {
      const clusters: Cluster[] = [];
      const singles = new Set<string>();
      for (const { id, lon, lat } of alone) {
        if (lon >= bbox[0] && lat >= bbox[1] && lon <= bbox[2] && lat <= bbox[3]) singles.add(id);
      }
      // Supercluster keeps whole zooms; half a step early keeps rings from touching while zooming in.
      for (const feature of index.getClusters(bbox, Math.max(0, Math.floor(zoom + 0.25)))) {
        const { properties } = feature;
        if (!('cluster' in properties)) {
          singles.add(properties.id);
          continue;
        }
        const [lon = 0, lat = 0] = feature.geometry.coordinates;
        clusters.push({
          key: String(properties.cluster_id),
          lon,
          lat,
          count: properties.point_count,
          alarmed: properties.alarmed,
          worst: properties.worst,
          opensAtZoom: index.getClusterExpansionZoom(properties.cluster_id),
        });
      }
      return { clusters, singles };
    },
  };
}
