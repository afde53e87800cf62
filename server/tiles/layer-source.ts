import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { ResourceScope } from '../../core/permissions.ts';
import { createTileSource, type TileFeature, type TileProperties, type TileSource } from '../../gis/index.ts';

/** A feature and where it stands in the scope model; the latter never goes into a tile. */
export interface ScopedFeature extends TileFeature {
  scope: ResourceScope;
}

interface LayerContent {
  /** Rises when what the layer shows has changed; the same number means the same tiles. */
  version: number;
  source: TileSource;
  /** Where the feature with these very properties stands. */
  scopeOf(properties: TileProperties): ResourceScope | undefined;
}

export interface LayerSource {
  /** What the layer shows, read anew first where something has changed. Throws what reading throws. */
  current(): Promise<LayerContent>;
}

export interface LayerSourceOptions {
  name: string;
  load(): Promise<ScopedFeature[]>;
  /** Another number than at the last reading = something may have changed. */
  stamp(): number;
  /** Changes that come faster than this wait for the next reading. */
  minIntervalMs: number;
  /** Read anew after this even if nobody announced a change; Infinity = never. */
  maxAgeMs: number;
  /** False where comparing would cost more than it saves: every reading is then a new version. */
  compare: boolean;
  clock: Clock;
}

/**
 * One layer in memory. It is read when somebody asks and something has changed, never for nobody: a storm of
 * changes costs one reading per interval while the layer is watched, and nothing otherwise. Requests that come
 * together share one reading.
 */
export function createLayerSource(options: LayerSourceOptions): LayerSource {
  const { name, load, stamp, minIntervalMs, maxAgeMs, compare, clock } = options;
  let content: LayerContent | undefined;
  let digest = '';
  let builtStamp = Number.NaN;
  let builtAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<LayerContent> | undefined;

  const read = async (): Promise<LayerContent> => {
    // Taken before the rows: a change during the reading makes the next request read again.
    const stampBefore = stamp();
    const features = await load();
    const fresh = compare ? createHash('sha256').update(JSON.stringify(features)).digest('base64') : '';
    builtStamp = stampBefore;
    builtAtMs = clock.monotonic();
    if (content && compare && fresh === digest) return content;
    digest = fresh;
    // Cutting hands the objects on as they are; should it ever copy them, nobody sees anything.
    const scopes = new Map(features.map((feature) => [feature.properties, feature.scope]));
    content = {
      version: (content?.version ?? 0) + 1,
      source: createTileSource(name, features),
      scopeOf: (properties) => scopes.get(properties),
    };
    return content;
  };

  return {
    async current() {
      const ageMs = clock.monotonic() - builtAtMs;
      const due = (stamp() !== builtStamp && ageMs >= minIntervalMs) || ageMs >= maxAgeMs;
      if (content && !due) return content;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}
