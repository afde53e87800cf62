/**
 * The ground under everything, from this site alone: the base map of the country and the layers of the running
 * province, both static files. config/README.md says what is in them.
 */
import type Feature from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import { feature as unpack } from 'topojson-client';
import { z } from 'zod';

type Topology = Parameters<typeof unpack>[0];

const Collection = z.object({ type: z.literal('FeatureCollection'), features: z.array(z.looseObject({})) });
const World = z.looseObject({
  type: z.literal('Topology'),
  objects: z.record(z.string(), z.looseObject({ type: z.string() })),
  arcs: z.array(z.array(z.array(z.number()))),
});

export const WORLD_PARTS = ['land', 'vietnam', 'borders'] as const;
export type WorldPart = (typeof WORLD_PARTS)[number];
type BaseLayerName = 'labels' | 'archipelagos';
export const PROVINCE_LAYERS = [
  'land',
  'areas',
  'landcover',
  'waterways',
  'water',
  'roads',
  'places',
  'pois',
] as const;
export type ProvinceLayerName = (typeof PROVINCE_LAYERS)[number];

export interface Geography {
  world(part: WorldPart): Promise<Feature[]>;
  base(name: BaseLayerName): Promise<Feature[]>;
  /** Empty where the province has no drawn geography: the base map and its own areas must do. */
  province(name: ProvinceLayerName): Promise<Feature[]>;
}

export interface GeographyPorts {
  /** A static file of this site, parsed; rejects when it is missing. */
  file(path: string): Promise<unknown>;
  /** Whether the running province has drawn layers at all. */
  hasProvince(): boolean;
  /** Told once for each thing that could not be read; the map draws the rest. */
  failed(what: string, error: unknown): void;
}

export function createGeography(ports: GeographyPorts): Geography {
  const format = new GeoJSON({ featureProjection: 'EPSG:3857' });
  const memory = new Map<string, Promise<Feature[]>>();
  const once = (key: string, load: () => Promise<Feature[]>): Promise<Feature[]> => {
    let promise = memory.get(key);
    if (!promise) {
      promise = load().catch((error: unknown) => {
        ports.failed(key, error);
        // The next one who asks tries again.
        memory.delete(key);
        return [];
      });
      memory.set(key, promise);
    }
    return promise;
  };
  const collection = (data: unknown) => format.readFeatures(Collection.parse(data)) as Feature[];
  let topology: Promise<Topology> | undefined;

  return {
    world(part) {
      return once(`world/${part}`, async () => {
        topology ??= ports
          .file('/basemap/world.topojson')
          .then((data) => World.parse(data) as unknown as Topology);
        const world = await topology.catch((error: unknown) => {
          topology = undefined;
          throw error;
        });
        const object = world.objects[part];
        if (!object) throw new Error(`world.topojson has no object ${part}`);
        const made = unpack(world, object);
        return format.readFeatures(made) as Feature[];
      });
    },
    base: (name) =>
      once(`base/${name}`, async () => collection(await ports.file(`/basemap/${name}.geojson`))),
    province: (name) =>
      ports.hasProvince()
        ? once(`province/${name}`, async () =>
            collection(await ports.file(`/basemap/province/${name}.geojson`)),
          )
        : Promise.resolve([]),
  };
}
