/** Streets of the towns, quays along their rivers, and lanes along the field canals. */
import type { Areas, Commune } from './areas.ts';
import { type River, snapLine } from './base.ts';
import { SEED } from './design.ts';
import type { Field } from './field.ts';
import type { Ground } from './ground.ts';
import { chance, hash, noise2 } from './noise.ts';
import {
  at,
  clip,
  distance,
  inPolygon,
  inRing,
  type Line,
  lengthOf,
  mix,
  nearest,
  offset,
  type Pt,
  regionOf,
  resample,
  simplify,
} from './plane.ts';
import { type Road, TOWNS } from './roads.ts';
import { STREET_NAMES } from './roads-design.ts';

/** The central town lies on three banks; each has its own grid, turned as its river turns. */
const CENTRE: Pt = [50.4, 51.6];
const BANKS: { commune: string; at: Pt; angle: number; spacingKm: number }[] = [
  { commune: 'M-001', at: [48.4, 49.9], angle: -0.09, spacingKm: 0.23 },
  { commune: 'M-002', at: [50.2, 55.2], angle: 0.3, spacingKm: 0.25 },
  { commune: 'M-003', at: [54.6, 50.4], angle: 0.12, spacingKm: 0.27 },
  // The town has grown over the borders of its wards.
  { commune: 'M-005', at: [45.6, 50.2], angle: -0.09, spacingKm: 0.3 },
  { commune: 'M-015', at: [48.4, 48.4], angle: -0.09, spacingKm: 0.3 },
];

interface Grid {
  at: Pt;
  angle: number;
  spacingKm: number;
  radiusKm: number;
  name: string;
  /** Where streets may be at all, and where also the streets between the wider-spaced ones are. */
  inside(p: Pt): boolean;
  dense(p: Pt): boolean;
}

/** Two families of parallel lines, bent a little, with gaps; every second one only where it is dense. */
function grid(g: Grid): Line[] {
  const random = chance(g.name, SEED);
  const seed = hash(g.name) ^ SEED;
  const lines: Line[] = [];
  const bend = (p: Pt): Pt => [
    p[0] + 0.13 * noise2(p[0] / 2.2, p[1] / 2.2, seed),
    p[1] + 0.13 * noise2(p[0] / 2.2 + 50, p[1] / 2.2, seed),
  ];
  for (const turn of [0, Math.PI / 2]) {
    const dir: Pt = [Math.cos(g.angle + turn), Math.sin(g.angle + turn)];
    const side: Pt = [-dir[1], dir[0]];
    let even = true;
    for (let s = -g.radiusKm; s < g.radiusKm; s += g.spacingKm * random.between(0.8, 1.25)) {
      const half = Math.sqrt(Math.max(0, g.radiusKm ** 2 - s ** 2));
      const from: Pt = [g.at[0] + side[0] * s - dir[0] * half, g.at[1] + side[1] * s - dir[1] * half];
      const to: Pt = [g.at[0] + side[0] * s + dir[0] * half, g.at[1] + side[1] * s + dir[1] * half];
      const allowed = even ? g.inside : g.dense;
      even = !even;
      if (half < g.spacingKm) continue;
      const line = resample([from, to], 0.15).map(bend);
      const gaps = (p: Pt) => noise2(p[0] * 0.9, p[1] * 0.9, seed + Math.round(s * 97)) > -0.6;
      lines.push(...clip(line, (p) => allowed(p) && gaps(p), 0.05, g.spacingKm * 1.6));
    }
  }
  return lines.map((line) => snapLine(simplify(line, 0.005)));
}

export function buildStreets(
  areas: Areas,
  ground: Ground,
  built: Field,
  rivers: readonly River[],
  lakes: readonly Line[],
): Road[] {
  const dry = (p: Pt, marginKm: number) =>
    clearance(p, ground, rivers) > marginKm && !lakes.some((l) => inRing(p, l));
  const lines: Line[] = [];
  for (const bank of BANKS) {
    const ward = regionOf(communeOf(areas, bank.commune).rings.slice(0, 1));
    lines.push(
      ...grid({
        ...bank,
        radiusKm: bank.spacingKm * 16,
        name: `${bank.commune} streets`,
        inside: (p) => built.value(p) > 0.06 && ward(p) && dry(p, 0.1),
        dense: (p) => built.value(p) > 0.42 && ward(p) && dry(p, 0.1),
      }),
    );
  }
  const town = (p: Pt) => built.value(p) > 0.12 && distance(p, CENTRE) < 5.5;
  for (const river of rivers)
    for (const side of [-1, 1]) {
      const bank = offset(river.line, (i) => side * (at(river.widthKm, i) / 2 + 0.075));
      for (const quay of clip(bank, (p) => town(p) && dry(p, 0.055), 0.05, 0.6))
        lines.push(snapLine(simplify(quay, 0.006)));
    }
  for (const place of TOWNS) {
    if (distance(place.at, CENTRE) < 5) continue;
    const random = chance(`${place.name} streets`, SEED);
    lines.push(
      ...grid({
        at: place.at,
        angle: random.between(0, Math.PI),
        spacingKm: 0.24,
        radiusKm: place.radiusKm * 1.1,
        name: `${place.name} streets`,
        inside: (p) => built.value(p) > 0.12 && dry(p, 0.08),
        dense: (p) => built.value(p) > 0.4 && dry(p, 0.08),
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

function communeOf(areas: Areas, code: string): Commune {
  const commune = areas.communes.find((c) => c.code === code);
  if (!commune) throw new Error(`no commune ${code}`);
  return commune;
}

/** Distance to the nearest bank in km, exact near rivers; negative on the water. */
function clearance(p: Pt, ground: Ground, rivers: readonly River[]): number {
  const rough = ground.riverKm.value(p);
  if (rough > 0.6) return rough;
  let best = rough + 0.3;
  for (const river of rivers) {
    const shell = at(river.polygon, 0);
    const km = nearest(shell, p).km;
    best = Math.min(best, inPolygon(p, [shell]) ? -km : km);
  }
  return best;
}

/** The pattern of a delta: parallel field canals, turned differently in each commune, with a lane on some banks. */
export function buildFieldCanals(
  areas: Areas,
  ground: Ground,
  built: Field,
  rivers: readonly River[],
  lakes: readonly Line[],
): { canals: Line[]; lanes: Road[] } {
  const canals: Line[] = [];
  const lanes: Road[] = [];
  const dry = (p: Pt) =>
    clearance(p, ground, rivers) > 0.07 &&
    ground.inside.value(p) > 0.1 &&
    built.value(p) < 0.3 &&
    !lakes.some((l) => inRing(p, l));
  for (const commune of areas.communes) {
    if (commune.kind === 'Phường' && commune.code !== 'M-004') continue;
    const random = chance(`${commune.code} canals`, SEED);
    const mainland = regionOf(commune.rings.slice(0, 1));
    const inside = (p: Pt) => mainland(p) && ground.coastKm.value(p) > 1.1;
    const angle = random.between(0, Math.PI);
    for (const [turn, spacingKm] of [
      [0, random.between(1.3, 1.9)],
      [Math.PI / 2, random.between(2.6, 3.8)],
    ] as const) {
      for (const line of parallels(commune.seat, angle + turn, spacingKm, 40, random)) {
        for (const part of clip(line, inside, 0.2, 1.2)) {
          canals.push(snapLine(simplify(part, 0.01)));
          if (random.next() > (turn === 0 ? 0.42 : 0.6)) continue;
          const bank = offset(resample(part, 0.5), () => 0.04);
          for (const lane of clip(bank, dry, 0.1, 0.8))
            lanes.push({ class: 'local', bridge: false, line: snapLine(simplify(lane, 0.006)) });
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
