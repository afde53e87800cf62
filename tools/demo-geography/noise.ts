import { seededRandom } from '../../core/clock.ts';
import { hashText } from '../../devices/simulators/noise.ts';
import { at, distance, type Line, lengthOf, normals, type Pt } from './plane.ts';

/** A name gives every feature its own stream of chance, so that changing one leaves the others alone. */
export { hashText as hash };

/** Named stream of chance: uniform numbers in a range and choices. */
export function chance(name: string, seed: number) {
  const random = seededRandom((hashText(name) ^ Math.imul(seed, 0x9e3779b1)) >>> 0);
  return {
    next: () => random.next(),
    between: (low: number, high: number) => low + (high - low) * random.next(),
    pick: <T>(items: readonly T[]): T => at(items, Math.floor(random.next() * items.length)),
  };
}

function lattice(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2147483648 - 1;
}

const ease = (t: number) => t * t * t * (t * (t * 6 - 15) + 10);

/** Smooth value noise in the plane, −1…1, with features about one unit apart. */
export function noise2(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const u = ease(x - x0);
  const v = ease(y - y0);
  const top = lattice(x0, y0, seed) * (1 - u) + lattice(x0 + 1, y0, seed) * u;
  const bottom = lattice(x0, y0 + 1, seed) * (1 - u) + lattice(x0 + 1, y0 + 1, seed) * u;
  return top * (1 - v) + bottom * v;
}

/** Several octaves of `noise2`, each half as wide and half as strong; still about −1…1. */
export function fractal2(x: number, y: number, seed: number, octaves = 4): number {
  let sum = 0;
  let amplitude = 0.55;
  let frequency = 1;
  for (let o = 0; o < octaves; o++) {
    sum += amplitude * noise2(x * frequency, y * frequency, seed + o * 7919);
    amplitude /= 2;
    frequency *= 2.03;
  }
  return sum;
}

export interface Wave {
  /** Distance between bends. */
  km: number;
  /** How far to the side, at most. */
  amplitudeKm: number;
}

/**
 * Moves a densely sampled line sideways by smooth noise of several wavelengths. The ends stay where they are, and
 * the movement fades in over `fadeKm` at both.
 */
export function wander(line: readonly Pt[], waves: readonly Wave[], seed: number, fadeKm = 1): Line {
  const n = normals(line);
  const total = lengthOf(line);
  let walked = 0;
  return line.map((p, i) => {
    if (i > 0) walked += distance(at(line, i - 1), p);
    const fade = Math.min(1, walked / fadeKm, (total - walked) / fadeKm);
    let side = 0;
    for (const [k, wave] of waves.entries())
      side += wave.amplitudeKm * noise2(walked / wave.km, k * 31.7, seed + k * 104729);
    const v = at(n, i);
    return [p[0] + v[0] * side * fade, p[1] + v[1] * side * fade];
  });
}
