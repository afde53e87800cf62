import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LonLat } from '../../../core/reading.ts';
import { buildRoadGraph, type RoadGraph } from '../../../devices/index.ts';

/** What the law and the road allow, by class of `roads.geojson`. */
const SPEED_KMH = { national: 80, provincial: 60, ring: 60, street: 40, local: 30 } as const;

const Roads = z.object({
  features: z.array(
    z.object({
      properties: z.object({ class: z.enum(['national', 'provincial', 'ring', 'street', 'local']) }),
      geometry: z.object({
        type: z.literal('LineString'),
        coordinates: z.array(z.tuple([z.number(), z.number()])),
      }),
    }),
  ),
});

/** The road graph of a province's map folder. */
export async function readRoadGraph(folder: string): Promise<RoadGraph> {
  const { features } = Roads.parse(JSON.parse(await readFile(join(folder, 'roads.geojson'), 'utf8')));
  return buildRoadGraph(
    features.map(({ properties, geometry }) => ({
      line: geometry.coordinates as LonLat[],
      speedKmh: SPEED_KMH[properties.class],
    })),
  );
}
