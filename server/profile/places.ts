import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Position } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import type { LonLat } from '../../core/reading.ts';

/** Map layers whose points have names; config/README.md describes them. A province may have neither. */
const FILES = ['places.geojson', 'pois.geojson'] as const;

const NamedPoints = z.object({
  features: z.array(
    z.object({
      properties: z.object({ kind: z.string(), name: z.string(), nameEn: z.string().default('') }),
      geometry: z.object({ type: z.literal('Point'), coordinates: Position }),
    }),
  ),
});

/** A named place of the base map, which everybody may see. */
interface Place {
  kind: string;
  name: string;
  /** Empty where there is none. */
  nameEn: string;
  position: LonLat;
}

/**
 * The named places of a province's map layers.
 * @throws AppError `config.invalid` when a file is there and cannot be read
 */
export async function loadPlaces(provincesDir: string, mapFolder: string | undefined): Promise<Place[]> {
  if (mapFolder === undefined) return [];
  const places: Place[] = [];
  for (const name of FILES) {
    const file = join(provincesDir, mapFolder, name);
    const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content !== undefined) places.push(...readPlaces(content, file));
  }
  return places;
}

function readPlaces(content: string, file: string): Place[] {
  try {
    return NamedPoints.parse(JSON.parse(content)).features.map(({ properties, geometry }) => ({
      ...properties,
      position: geometry.coordinates,
    }));
  } catch (error) {
    const reason = error instanceof z.ZodError ? (error.issues[0]?.message ?? '') : String(error);
    throw new AppError('config.invalid', { detail: `${file}: ${reason}`, cause: error });
  }
}
