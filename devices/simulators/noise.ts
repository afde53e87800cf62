/**
 * Chance without memory: the same seed, name and moment give the same number, in whatever order they are asked for.
 */

/** FNV-1a of a text, to tell channels and devices apart. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Uniform in [0, 1) from whole numbers (murmur3's finaliser over each). */
export function hash01(...keys: number[]): number {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    // Both halves, so that milliseconds since 1970 keep all their digits.
    for (const part of [key | 0, Math.floor(key / 4294967296) | 0]) {
      hash ^= Math.imul(part, 0xcc9e2d51);
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
  }
  return (hash >>> 0) / 4294967296;
}

/** Normal with mean 0 and deviation 1, cut off at ±3 (an instrument that is further off is broken). */
export function gauss(...keys: number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - hash01(...keys, 1)));
  const value = radius * Math.cos(2 * Math.PI * hash01(...keys, 2));
  return Math.max(-3, Math.min(3, value));
}

/** Smooth random curve through −1…1 that turns about once per unit of `x`. */
export function smooth(x: number, ...keys: number[]): number {
  const cell = Math.floor(x);
  const share = x - cell;
  const from = hash01(...keys, cell) * 2 - 1;
  const to = hash01(...keys, cell + 1) * 2 - 1;
  return from + (to - from) * share * share * (3 - 2 * share);
}
