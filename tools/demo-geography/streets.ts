/** Streets of the towns, lanes along the field canals, and those canals. */
import type { Areas } from './areas.ts';
import { snapLine } from './base.ts';
import { SEED } from './design.ts';
import type { Field } from './field.ts';
import type { Ground } from './ground.ts';
import { chance, hash, noise2 } from './noise.ts';
import {
  at,
  clip,
  distance,
  inRing,
  type Line,
  lengthOf,
  mix,
  offset,
  type Pt,
  resample,
  simplify,
} from './plane.ts';
import { type Road, TOWNS } from './roads.ts';
import { STREET_NAMES } from './roads-design.ts';

const CENTRE: Pt = [50.4, 51.6];

interface Grid {
  at: Pt;
  angle: number;
  spacingKm: number;
  radiusKm: number;
  inside(p: Pt): boolean;
  name: string;
}

/** Two families of parallel lines, bent a little, with gaps, cut to where `inside` holds. */
function grid(g: Grid): Line[] {
  const random = chance(g.name, SEED);
  const seed = hash(g.name) ^ SEED;
  const lines: Line[] = [];
  const bend = (p: Pt): Pt => [
    p[0] + 0.16 * noise2(p[0] / 1.6, p[1] / 1.6, seed),
    p[1] + 0.16 * noise2(p[0] / 1.6 + 50, p[1] / 1.6, seed),
  ];
  for (const turn of [0, Math.PI / 2]) {
    const a = g.angle + turn;
    const dir: Pt = [Math.cos(a), Math.sin(a)];
    const side: Pt = [-dir[1], dir[0]];
    for (
      let s = -g.radiusKm + random.between(0, g.spacingKm);
      s < g.radiusKm;
      s += g.spacingKm * random.between(0.75, 1.3)
    ) {
      const half = Math.sqrt(Math.max(0, g.radiusKm ** 2 - s ** 2));
      if (half < g.spacingKm) continue;
      const from: Pt = [g.at[0] + side[0] * s - dir[0] * half, g.at[1] + side[1] * s - dir[1] * half];
      const to: Pt = [g.at[0] + side[0] * s + dir[0] * half, g.at[1] + side[1] * s + dir[1] * half];
      const line = resample([from, to], 0.15).map(bend);
      const gaps = (p: Pt) => noise2(p[0] * 1.1, p[1] * 1.1, seed + Math.round(s * 97)) > -0.52;
      lines.push(...clip(line, (p) => g.inside(p) && gaps(p), 0.05, g.spacingKm * 1.2));
    }
  }
  return lines.map((line) => snapLine(simplify(line, 0.006)));
}

export function buildStreets(ground: Ground, built: Field): Road[] {
  const dry = (p: Pt, marginKm: number) => ground.riverKm.value(p) > marginKm && !ground.inRiver(p);
  const lines = grid({
    at: CENTRE,
    angle: -0.14,
    spacingKm: 0.46,
    radiusKm: 5.4,
    name: 'centre streets',
    inside: (p) => built.value(p) > 0.04 && dry(p, 0.08),
  });
  lines.push(
    ...grid({
      at: [48.9, 50.6],
      angle: -0.14,
      spacingKm: 0.2,
      radiusKm: 2.3,
      name: 'old town streets',
      inside: (p) => built.value(p) > 0.3 && dry(p, 0.06),
    }),
  );
  for (const town of TOWNS) {
    if (distance(town.at, CENTRE) < 5) continue;
    const random = chance(`${town.name} streets`, SEED);
    lines.push(
      ...grid({
        at: town.at,
        angle: random.between(0, Math.PI),
        spacingKm: 0.26,
        radiusKm: town.radiusKm * 1.05,
        name: `${town.name} streets`,
        inside: (p) => built.value(p) > 0.1 && dry(p, 0.06),
      }),
    );
  }
  const streets: Road[] = lines.map((line) => ({ class: 'street', bridge: false, line }));
  const named = streets
    .filter((s) => distance(at(s.line, 0), CENTRE) < 6)
    .sort((a, b) => lengthOf(b.line) - lengthOf(a.line));
  for (const [i, [vi, en]] of STREET_NAMES.entries()) {
    const street = named[i];
    if (!street) break;
    street.name = `Đường ${vi}`;
    street.nameEn = `${en} Street`;
  }
  return streets;
}

/** The pattern of a delta: parallel field canals, turned differently in each commune, with a lane on some banks. */
export function buildFieldCanals(
  areas: Areas,
  ground: Ground,
  built: Field,
): { canals: Line[]; lanes: Road[] } {
  const canals: Line[] = [];
  const lanes: Road[] = [];
  for (const commune of areas.communes) {
    if (commune.kind === 'Phường' && commune.code !== 'M-004') continue;
    const random = chance(`${commune.code} canals`, SEED);
    const ring = at(commune.rings, 0);
    const inside = (p: Pt) => inRing(p, ring) && ground.coastKm.value(p) > 1.1;
    const angle = random.between(0, Math.PI);
    for (const [turn, spacingKm] of [
      [0, random.between(1.5, 2.1)],
      [Math.PI / 2, random.between(2.8, 4.2)],
    ] as const) {
      for (const line of parallels(commune.seat, angle + turn, spacingKm, 40, random)) {
        for (const part of clip(line, inside, 0.2, 1.2)) {
          canals.push(snapLine(part));
          if (random.next() < (turn === 0 ? 0.34 : 0.5)) {
            const bank = offset(resample(part, 0.5), () => 0.035);
            const dry = (p: Pt) =>
              ground.riverKm.value(p) > 0.09 &&
              !ground.inRiver(p) &&
              built.value(p) < 0.25 &&
              ground.inside.value(p) > 0.1;
            for (const lane of clip(bank, dry, 0.1, 0.8))
              lanes.push({ class: 'local', bridge: false, line: snapLine(simplify(lane, 0.006)) });
          }
        }
      }
    }
  }
  return { canals, lanes };
}

function parallels(
  center: Pt,
  angle: number,
  spacingKm: number,
  reachKm: number,
  random: ReturnType<typeof chance>,
): Line[] {
  const dir: Pt = [Math.cos(angle), Math.sin(angle)];
  const side: Pt = [-dir[1], dir[0]];
  const out: Line[] = [];
  for (let s = -reachKm; s < reachKm; s += spacingKm * random.between(0.8, 1.2)) {
    const lean = random.between(-0.012, 0.012) * reachKm;
    const from: Pt = [center[0] + side[0] * s - dir[0] * reachKm, center[1] + side[1] * s - dir[1] * reachKm];
    const to: Pt = [
      center[0] + side[0] * (s + lean) + dir[0] * reachKm,
      center[1] + side[1] * (s + lean) + dir[1] * reachKm,
    ];
    out.push([from, mix(from, to, 0.5), to]);
  }
  return out;
}
