/** What a rule about several devices together remembers of each: its newest item, bounded in number and in age. */
import { z } from 'zod';

/** A rule looks at no more devices than this at once; the rest of them are left out and the evidence says so. */
const MOST_MEMBERS = 5000;

export const MaxAge = z
  .number()
  .min(10)
  .max(604_800)
  .default(3600)
  .describe('seconds after which a device that sends nothing counts no more');

/** Device id → time and whatever the kind keeps. */
export type Members<V extends readonly unknown[]> = Record<string, [timeMs: number, ...V]>;

/**
 * Puts a device's newer item in the place of its older one; undefined = it is not newer. Judged at the newest time of
 * all, so that it does not matter which of two devices comes first.
 */
export function withMember<V extends readonly unknown[]>(
  members: Members<V> | undefined,
  deviceId: string,
  entry: [timeMs: number, ...V],
): Members<V> | undefined {
  const before = members?.[deviceId];
  if (before && entry[0] <= before[0]) return undefined;
  // Its own object: the state before is still the one to go back to when a step throws.
  const next = { ...members, [deviceId]: entry };
  if (!before && Object.keys(next).length > MOST_MEMBERS) return undefined;
  return next;
}

/** The time of the newest of all, or of the item in hand. */
export function newestOf<V extends readonly unknown[]>(members: Members<V>, timeMs: number): number {
  let newest = timeMs;
  for (const id in members) newest = Math.max(newest, members[id]?.[0] ?? 0);
  return newest;
}

/** Those heard of within `maxAgeS` before `nowMs`. */
export function fresh<V extends readonly unknown[]>(
  members: Members<V>,
  nowMs: number,
  maxAgeS: number,
): [id: string, entry: [timeMs: number, ...V]][] {
  return Object.entries(members).filter(([, entry]) => nowMs - entry[0] <= maxAgeS * 1000);
}
