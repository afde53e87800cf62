import type { LonLat } from '../../core/reading.ts';

/** Closer to 0°, 0° than this (about 11 m) is a receiver without a fix, not a device in the Gulf of Guinea. */
const NULL_ISLAND_DEG = 0.0001;

/**
 * A position as sent → `[lon, lat]`, or the reason why it is none. A third number (altitude) is allowed and left
 * out. Nothing is guessed: a swapped pair is either out of range here or far away on the map.
 */
export function parsePosition(position: unknown): LonLat | string {
  if (!Array.isArray(position) || position.length < 2 || position.length > 3) {
    return 'a position is [longitude, latitude]';
  }
  const [lon, lat, altitude = 0] = position as unknown[];
  if (![lon, lat, altitude].every((part) => typeof part === 'number' && Number.isFinite(part))) {
    return 'longitude and latitude must be finite numbers';
  }
  const place: LonLat = [lon as number, lat as number];
  if (Math.abs(place[0]) > 180) return `longitude ${place[0]} is outside −180…180`;
  if (Math.abs(place[1]) > 90) return `latitude ${place[1]} is outside −90…90`;
  if (Math.abs(place[0]) < NULL_ISLAND_DEG && Math.abs(place[1]) < NULL_ISLAND_DEG) {
    return 'position 0, 0: the receiver has no fix';
  }
  return place;
}
