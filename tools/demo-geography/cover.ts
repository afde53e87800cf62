/** Land cover: forests, mangroves, settled and industrial land, ponds, tidal flats; all from noise and distances. */

import { snapLine } from './base.ts';
import { SEED } from './design.ts';
import { Field } from './field.ts';
import { FRAME, type Ground } from './ground.ts';
import { chance, fractal2, hash, noise2 } from './noise.ts';
import { at, boxOf, clip, distance, type Line, type Pt, regionOf, ringArea, simplify } from './plane.ts';

type CoverClass =
  | 'mangrove'
  | 'forest'
  | 'orchard'
  | 'aquaculture'
  | 'tidal'
  | 'builtup'
  | 'industrial'
  | 'park';

export interface Patch {
  class: CoverClass;
  name?: string;
  nameEn?: string;
  rings: Line[];
}

export interface Lake {
  name?: string;
  nameEn?: string;
  rings: Line[];
}

const FORESTS: { name: string; nameEn: string; at: Pt; km: number; stretch: Pt }[] = [
  {
    name: 'Rừng tràm Tân Lập',
    nameEn: 'Tan Lap Cajuput Forest',
    at: [9.6, 34.6],
    km: 5.2,
    stretch: [0.8, 1.25],
  },
  {
    name: 'Rừng tràm Bình An',
    nameEn: 'Binh An Cajuput Forest',
    at: [63.6, 85.6],
    km: 4.4,
    stretch: [1.2, 0.85],
  },
  {
    name: 'Rừng phòng hộ Mũi Tràm',
    nameEn: 'Mui Tram Protection Forest',
    at: [48.4, 26.4],
    km: 3.2,
    stretch: [0.7, 1.5],
  },
  {
    name: 'Rừng phòng hộ Mũi Đèn',
    nameEn: 'Mui Den Protection Forest',
    at: [83.8, 37.4],
    km: 3.4,
    stretch: [1.1, 0.9],
  },
];

const LAKES: { name: string; nameEn: string; at: Pt; km: number; stretch: Pt }[] = [
  { name: 'Đầm Sen', nameEn: 'Sen Lagoon', at: [35.4, 28.4], km: 1.7, stretch: [0.8, 1.35] },
  { name: 'Hồ Bình An', nameEn: 'Binh An Lake', at: [66.4, 86.6], km: 0.95, stretch: [1.3, 0.8] },
  { name: 'Hồ Trung Tâm', nameEn: 'Trung Tam Lake', at: [47.1, 48.6], km: 0.3, stretch: [1.3, 0.8] },
  { name: 'Đầm Vạc', nameEn: 'Vac Lagoon', at: [96.2, 62.2], km: 0.9, stretch: [1.4, 0.8] },
  { name: 'Hồ Trà Sen', nameEn: 'Tra Sen Lake', at: [24.6, 76.4], km: 0.8, stretch: [0.9, 1.1] },
];

const patches = (field: Field, minAreaKm2: number, toleranceKm: number): Line[][] =>
  field
    .polygons(minAreaKm2)
    .map((rings) =>
      rings.map((ring) => snapLine(simplify(soften(ring), toleranceKm))).filter((r) => r.length > 3),
    );

/** One round of corner cutting (Chaikin): takes the grid's squareness away. */
function soften(ring: Line): Line {
  const out: Line = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const a = at(ring, i);
    const b = at(ring, i + 1);
    out.push([a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25]);
    out.push([a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75]);
  }
  out.push(at(out, 0));
  return out;
}

const reach = (p: Pt, spot: { at: Pt; km: number; stretch: Pt }): number =>
  1 - Math.hypot((p[0] - spot.at[0]) / spot.stretch[0], (p[1] - spot.at[1]) / spot.stretch[1]) / spot.km;

const wild = (p: Pt, km: number, name: string, octaves = 4) =>
  fractal2(p[0] / km, p[1] / km, hash(name) ^ SEED, octaves);

export function builtupField(ground: Ground): Field {
  return new Field(FRAME, (p, i) => {
    const inside = ground.inside.values[i] ?? -1;
    if (inside < 0.05) return -1;
    const road = ground.roadKm.values[i] ?? 9;
    const river = ground.riverKm.values[i] ?? 9;
    const town = ground.town.values[i] ?? -9;
    const ribbon = Math.exp(-((road / 0.3) ** 2));
    const centre = town + 0.42 * wild(p, 1.3, 'town') + 0.5 * ribbon - 0.12;
    // Houses line the roads and the quays between the towns, in some stretches more than in others.
    const habit = wild(p, 5, 'hamlets', 2);
    const hamlet = habit > 0.06 ? 0.16 + 0.3 * (habit - 0.06) - Math.min(road, river + 0.12) : -1;
    return Math.max(Math.min(centre, 0.9), hamlet);
  });
}

export function buildCover(ground: Ground, built: Field): { cover: Patch[]; lakes: Lake[] } {
  const lakes = LAKES.map((lake) => ({
    name: lake.name,
    nameEn: lake.nameEn,
    rings: at(
      patches(
        zoomed(lake.at, lake.km * 2, (p) => reach(p, lake) + 0.5 * wild(p, lake.km * 0.9, lake.name, 3)),
        0.005,
        0.006,
      ).sort((a, b) => Math.abs(ringArea(at(b, 0))) - Math.abs(ringArea(at(a, 0)))),
      0,
    ).slice(0, 1),
  }));
  const nearLake = (p: Pt) => LAKES.some((lake) => reach(p, lake) > -0.35);
  const land = (i: number) => (ground.inside.values[i] ?? -1) > 0.04;
  const coast = (i: number) => ground.coastKm.values[i] ?? 0;
  const seaSide = (p: Pt, i: number) => land(i) && coast(i) < 9 && p[1] < 68;
  const field = (value: (p: Pt, i: number) => number) =>
    new Field(FRAME, (p, i) => (land(i) ? value(p, i) : -1));

  const mangroveBelt = (p: Pt, i: number) =>
    0.75 +
    1.5 * wild(p, 7, 'mangrove') +
    (p[0] < 36 ? 0.9 : 0) -
    coast(i) -
    Math.max(0, 2.4 * (ground.town.values[i] ?? -9) + 0.9);
  const mangrove = field((p, i) => (seaSide(p, i) ? Math.min(mangroveBelt(p, i), coast(i) * 4 - 0.1) : -1));
  const ponds = field((p, i) =>
    seaSide(p, i)
      ? Math.min(
          wild(p, 4.5, 'ponds') + 0.34 - Math.abs(coast(i) - 3.6) / 5,
          -mangroveBelt(p, i) - 0.15,
          -(built.values[i] ?? 0) - 0.02,
        )
      : -1,
  );
  const orchard = field((p, i) =>
    Math.min(
      0.2 + 0.75 * wild(p, 6, 'orchard') - (ground.riverKm.values[i] ?? 9),
      -(built.values[i] ?? 0) - 0.02,
      coast(i) - 4,
    ),
  );
  const cover: Patch[] = [];
  const add = (cls: CoverClass, rings: Line[][], name?: string, nameEn?: string) => {
    for (const r of rings) cover.push({ class: cls, ...(name && nameEn ? { name, nameEn } : {}), rings: r });
  };
  add('tidal', patches(tidal(ground), 0.25, 0.02));
  add('orchard', patches(orchard, 0.35, 0.02));
  add('aquaculture', patches(ponds, 0.4, 0.02));
  add('mangrove', patches(mangrove, 0.15, 0.016));
  for (const forest of FORESTS) {
    const shape = field((p, i) =>
      Math.min(
        reach(p, forest) + 0.62 * wild(p, forest.km * 0.55, forest.name),
        -(built.values[i] ?? 0),
        nearLake(p) ? -1 : 1,
        coast(i) * 4 - 0.1,
      ),
    );
    const found = patches(shape, 0.4, 0.016).sort((a, b) => ringArea(at(b, 0)) - ringArea(at(a, 0)));
    add('forest', found.slice(0, 1), forest.name, forest.nameEn);
    add('forest', found.slice(1));
  }
  add('builtup', patches(built, 0.05, 0.012));
  add('industrial', [INDUSTRIAL_PORT, INDUSTRIAL_PARK], undefined, undefined);
  for (const park of PARKS) add('park', [[blob(park.at, park.km, park.name)]], park.name, park.nameEn);
  return { cover, lakes };
}

/** The dykes between the ponds: a rectangular net over every area of ponds, turned its own way. */
export function buildDykes(cover: readonly Patch[]): Line[] {
  const dykes: Line[] = [];
  const others = cover
    .filter((p) => p.class !== 'aquaculture' && p.class !== 'tidal' && p.class !== 'orchard')
    .map((p) => regionOf(p.rings));
  for (const [n, patch] of cover.filter((p) => p.class === 'aquaculture').entries()) {
    const ponds = regionOf(patch.rings);
    const random = chance(`dykes ${n}`, SEED);
    const angle = random.between(0, Math.PI);
    const [west, south, east, north] = boxOf(at(patch.rings, 0));
    const middle: Pt = [(west + east) / 2, (south + north) / 2];
    const reachKm = Math.hypot(east - middle[0], north - middle[1]);
    for (const [turn, spacingKm] of [
      [0, 0.34],
      [Math.PI / 2, 0.62],
    ] as const) {
      const dir: Pt = [Math.cos(angle + turn), Math.sin(angle + turn)];
      for (let s = -reachKm; s < reachKm; s += spacingKm * random.between(0.85, 1.15)) {
        const foot: Pt = [middle[0] - dir[1] * s, middle[1] + dir[0] * s];
        const line: Line = [
          [foot[0] - dir[0] * reachKm, foot[1] - dir[1] * reachKm],
          [foot[0] + dir[0] * reachKm, foot[1] + dir[1] * reachKm],
        ];
        for (const part of clip(line, (p) => ponds(p) && !others.some((other) => other(p)), 0.12, 0.2))
          dykes.push(snapLine([at(part, 0), at(part, -1)]));
      }
    }
  }
  return dykes;
}

/** A finer grid round a small thing. */
function zoomed(center: Pt, km: number, value: (p: Pt) => number): Field {
  const stepKm = km / 40;
  return new Field({ west: center[0] - km, south: center[1] - km, stepKm, columns: 81, rows: 81 }, value);
}

/** Mud that falls dry at low tide: off the river mouths, thinning out along the shore. */
function tidal(ground: Ground): Field {
  const mouths: { at: Pt; km: number }[] = [
    { at: [38.2, 14], km: 7 },
    { at: [61.6, 39.6], km: 7 },
    { at: [101.4, 50.2], km: 7 },
    { at: [20, 0.6], km: 8 },
    { at: [73.6, 41.6], km: 4 },
  ];
  return new Field(FRAME, (p, i) => {
    if ((ground.inside.values[i] ?? 1) > 0.02) return -1;
    const coastKm = ground.coastKm.values[i] ?? 9;
    let silt = 0;
    for (const mouth of mouths) silt = Math.max(silt, 1 - distance(p, mouth.at) / mouth.km);
    return Math.min(0.15 + 1.9 * silt + 0.7 * wild(p, 3, 'tidal') - coastKm, outsideLand(p) ? 1 : -1);
  });
}

/** Only the open water in front of the coast, not the neighbours' land behind the borders. */
const outsideLand = (p: Pt): boolean => p[1] < 0.6 * p[0] - 1.5 + 4 && p[0] > 17.5 && p[0] < 112;

/** A rounded irregular ring. */
function blob(center: Pt, km: number, name: string): Line {
  const seed = hash(name) ^ SEED;
  const random = chance(name, SEED);
  const stretch = random.between(0.75, 1.35);
  const turn = random.between(0, Math.PI);
  const ring: Line = [];
  for (let k = 0; k < 40; k++) {
    const a = (k / 40) * 2 * Math.PI;
    const r = km * (1 + 0.35 * noise2(Math.cos(a) * 1.6 + 3, Math.sin(a) * 1.6, seed));
    const x = Math.cos(a) * r * stretch;
    const y = (Math.sin(a) * r) / stretch;
    ring.push([
      center[0] + x * Math.cos(turn) - y * Math.sin(turn),
      center[1] + x * Math.sin(turn) + y * Math.cos(turn),
    ]);
  }
  return snapLine([...ring, at(ring, 0)]);
}

const PARKS: { name: string; nameEn: string; at: Pt; km: number }[] = [
  { name: 'Công viên Hồ Trung Tâm', nameEn: 'Trung Tam Lake Park', at: [47.1, 48.6], km: 0.52 },
  { name: 'Công viên Bến Cầu', nameEn: 'Ben Cau Park', at: [51.0, 56.4], km: 0.3 },
  { name: 'Công viên Hải Đăng', nameEn: 'Lighthouse Park', at: [54.9, 37.9], km: 0.28 },
];

const box = (points: Pt[]): Line[] => [snapLine([...points, at(points, 0)])];
const INDUSTRIAL_PORT = box([
  [53.2, 46.5],
  [54.3, 47.5],
  [56.2, 46.1],
  [55.6, 44.9],
  [54.9, 45.1],
  [53.7, 45.7],
]);
const INDUSTRIAL_PARK = box([
  [59.2, 51.9],
  [61.1, 52.7],
  [61.9, 51.2],
  [60.3, 50.2],
  [59.4, 50.6],
]);
