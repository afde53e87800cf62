import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Real administrative areas beside the project, or undefined where that folder is missing. */
export function realAreas(province: string): unknown {
  const file = fileURLToPath(new URL(`../../../shared/data/areas/${province}.geojson`, import.meta.url));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export const REAL_PROVINCES = ['ca-mau', 'can-tho', 'cao-bang', 'thai-nguyen', 'vinh-long'] as const;
