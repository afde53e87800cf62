/** Forms that only the map needs; the others are the console's (web/i18n/format.ts). */
import { fixed } from '../i18n/format.ts';
import type { Language } from '../state/index.ts';

/** Lengths that a person measures by hand: finer than the distances in sentences (core/format). */
export function length(metres: number, language: Language): string {
  if (metres < 1000) return `${fixed(metres, metres < 10 ? 1 : 0, language)} m`;
  return `${fixed(metres / 1000, metres < 100_000 ? 2 : 0, language)} km`;
}

/** A line of the graticule: `105°30′ E`, with minutes and seconds only where they are not zero. */
export function degrees(value: number, axis: 'lon' | 'lat'): string {
  const seconds = Math.round(Math.abs(value) * 3600);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number | undefined) => String(n).padStart(2, '0');
  const hemisphere = axis === 'lon' ? (value < 0 ? 'W' : 'E') : value < 0 ? 'S' : 'N';
  const tail = parts[2] ? `${two(parts[1])}′${two(parts[2])}″` : parts[1] ? `${two(parts[1])}′` : '';
  return `${parts[0]}°${tail} ${hemisphere}`;
}
