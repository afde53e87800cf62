/** The lines that everything else is hung on: coast, rivers, canals. Built once; their vertices are then final. */
import {
  CANALS,
  type CanalDesign,
  COAST,
  COAST_EAST_DEG,
  COAST_WEST_DEG,
  KM_PER_DEGREE,
  ORIGIN,
  RIVERS,
  type RiverDesign,
  SEED,
} from './design.ts';
import { chance, hash, noise2, wander } from './noise.ts';
import {
  at,
  crossing,
  distance,
  type Line,
  lengthOf,
  mix,
  nearestVertex,
  offset,
  type Pt,
  resample,
  simplify,
  smoothThrough,
  untangle,
} from './plane.ts';

export const toDegrees = (p: Pt): Pt => [
  ORIGIN[0] + p[0] / KM_PER_DEGREE[0],
  ORIGIN[1] + p[1] / KM_PER_DEGREE[1],
];
export const fromDegrees = (p: Pt): Pt => [
  (p[0] - ORIGIN[0]) * KM_PER_DEGREE[0],
  (p[1] - ORIGIN[1]) * KM_PER_DEGREE[1],
];

/**
 * The nearest point of the grid that the files are written in (1e-5 degrees, about a metre). Lines are snapped to it
 * before they are joined, so that what meets on the board also meets in the file.
 */
export function snap(p: Pt): Pt {
  const [lon, lat] = toDegrees(p);
  return fromDegrees([Math.round(lon * 1e5) / 1e5, Math.round(lat * 1e5) / 1e5]);
}

export const key = (p: Pt): string => `${p[0].toFixed(4)},${p[1].toFixed(4)}`;

export function snapLine(line: readonly Pt[]): Line {
  const out: Line = [];
  for (const p of line) {
    const s = snap(p);
    if (out.length === 0 || key(at(out, -1)) !== key(s)) out.push(s);
  }
  return out;
}

export interface River extends RiverDesign {
  /** Centre line, from source to the end in the sea or in the other river. */
  line: Line;
  /** Full width in km at each vertex. */
  widthKm: number[];
  /** Vertex where it leaves the land; undefined for tributaries. */
  mouth?: Pt;
  polygon: Line[];
  islandRings: { name: string; ring: Line }[];
}

interface Canal extends CanalDesign {
  line: Line;
}

export interface Base {
  coast: Line;
  rivers: River[];
  canals: Canal[];
  /** Any line by id: 'coast', a river or a canal. */
  line(id: string): Line;
}

function buildCoast(): Line {
  const control: Pt[] = [fromDegrees(COAST_WEST_DEG), ...COAST.slice(1, -1), fromDegrees(COAST_EAST_DEG)];
  const waves = [
    { km: 5.2, amplitudeKm: 0.75 },
    { km: 2.1, amplitudeKm: 0.34 },
    { km: 0.9, amplitudeKm: 0.17 },
    { km: 0.38, amplitudeKm: 0.075 },
    { km: 0.16, amplitudeKm: 0.03 },
  ];
  const fine = resample(smoothThrough(control, 0.2), 0.05);
  return simplify(wander(fine, waves, hash('coast') ^ SEED, 2), 0.009);
}

function buildCourse(river: RiverDesign, lines: ReadonlyMap<string, Line>): Line {
  const control = [...river.course];
  if (river.from) control[0] = joint(lines, river.from, at(control, 0));
  if (river.into && river.into !== 'sea')
    control[control.length - 1] = joint(lines, river.into, at(control, -1));
  const fine = resample(smoothThrough(control, 0.15), 0.08);
  const { km, amplitudeKm } = river.meander;
  const waves = [
    { km, amplitudeKm },
    { km: km / 2.3, amplitudeKm: amplitudeKm / 2.6 },
    { km: km / 6, amplitudeKm: amplitudeKm / 11 },
  ];
  return simplify(wander(fine, waves, hash(river.id) ^ SEED, Math.max(1.2, km * 0.6)), 0.003);
}

function joint(lines: ReadonlyMap<string, Line>, id: string, p: Pt): Pt {
  const line = lines.get(id);
  if (!line) throw new Error(`${id} is not built yet`);
  return at(line, nearestVertex(line, p));
}

/** Width at every vertex: between the design's points by the share of the way, with a little life in it. */
function widths(river: RiverDesign, line: Line): number[] {
  const stops = river.course.map((p) => progress(line, p));
  stops[0] = 0;
  stops[stops.length - 1] = 1;
  const total = lengthOf(line);
  const seed = hash(`${river.id} width`) ^ SEED;
  let walked = 0;
  return line.map((p, i) => {
    if (i > 0) walked += distance(at(line, i - 1), p);
    const share = walked / total;
    let k = 0;
    while (k < stops.length - 2 && share > at(stops, k + 1)) k++;
    const span = at(stops, k + 1) - at(stops, k) || 1;
    const t = Math.min(1, Math.max(0, (share - at(stops, k)) / span));
    const designed = at(river.widthM, k) + (at(river.widthM, k + 1) - at(river.widthM, k)) * t;
    let width =
      (designed / 1000) * (1 + 0.16 * noise2(walked / 1.1, 3, seed) + 0.07 * noise2(walked / 0.4, 9, seed));
    for (const island of river.islands ?? []) {
      const away = Math.abs(walked - island.at * total) / (island.lengthKm * 0.8);
      if (away < 1) width *= 1 + island.share * 1.25 * Math.cos((away * Math.PI) / 2) ** 2;
    }
    return width;
  });
}

function progress(line: Line, p: Pt): number {
  return lengthOf(line.slice(0, nearestVertex(line, p) + 1)) / lengthOf(line);
}

function islandRing(
  line: Line,
  widthKm: number[],
  island: NonNullable<RiverDesign['islands']>[number],
): Line {
  const total = lengthOf(line);
  const random = chance(island.name, SEED);
  const steps = 28;
  const left: Line = [];
  const right: Line = [];
  const lean = random.between(-0.12, 0.12);
  for (let s = 0; s <= steps; s++) {
    const share = s / steps;
    const km = island.at * total + (share - 0.5) * island.lengthKm;
    let walked = 0;
    let i = 1;
    while (i < line.length - 1 && walked + distance(at(line, i - 1), at(line, i)) < km) {
      walked += distance(at(line, i - 1), at(line, i));
      i++;
    }
    const a = at(line, i - 1);
    const b = at(line, i);
    const d = distance(a, b);
    const p = mix(a, b, Math.min(1, (km - walked) / d));
    const normal: Pt = [-(b[1] - a[1]) / d, (b[0] - a[0]) / d];
    // A teardrop: blunt upstream, long tail downstream, as currents make them.
    const shape = Math.sin(Math.PI * share ** 0.72) ** 0.85;
    const half = (at(widthKm, i) * island.share * shape) / 2;
    const wobble = 1 + 0.16 * noise2(share * 5, 1, hash(island.name));
    const wobble2 = 1 + 0.16 * noise2(share * 5, 7, hash(island.name));
    const shift = lean * at(widthKm, i);
    left.push([p[0] + normal[0] * (half * wobble + shift), p[1] + normal[1] * (half * wobble + shift)]);
    right.push([p[0] + normal[0] * (-half * wobble2 + shift), p[1] + normal[1] * (-half * wobble2 + shift)]);
  }
  const ring = [...left, ...right.slice(1, -1).reverse()];
  return [...ring, at(ring, 0)];
}

function insertCrossing(a: Line, b: Line): Pt | undefined {
  for (let i = 0; i + 1 < a.length; i++)
    for (let j = 0; j + 1 < b.length; j++) {
      const hit = crossing(at(a, i), at(a, i + 1), at(b, j), at(b, j + 1));
      if (!hit) continue;
      const p = snap(hit.point);
      a.splice(i + 1, 0, p);
      b.splice(j + 1, 0, p);
      return p;
    }
  return undefined;
}

/** How far a river reaches beyond the line of the coast: its colour and the sea's must meet without a seam. */
const OVER_COAST_KM = 0.06;

/** Cuts both banks where they meet the coast; answers with the way along the coast from the left one to the right. */
function mouthBetween(left: Line, right: Line, coast: Line): Line {
  const meet = (bank: Line) => {
    for (let i = 0; i + 1 < bank.length; i++)
      for (let j = 0; j + 1 < coast.length; j++) {
        const hit = crossing(at(bank, i), at(bank, i + 1), at(coast, j), at(coast, j + 1));
        if (!hit) continue;
        bank.splice(i + 1, bank.length, hit.point);
        return { coastIndex: j, point: hit.point };
      }
    throw new Error('a bank does not reach the coast');
  };
  const l = meet(left);
  const r = meet(right);
  const [west, east] = l.coastIndex < r.coastIndex ? [l, r] : [r, l];
  const along = [west.point, ...coast.slice(west.coastIndex + 1, east.coastIndex + 1), east.point];
  // The sea lies to the right of the coast, which runs from west to east.
  const shore = untangle(offset(resample(along, 0.1), () => -OVER_COAST_KM));
  return l === west ? shore : shore.reverse();
}

export function buildBase(): Base {
  const coast = snapLine(buildCoast());
  const lines = new Map<string, Line>([['coast', coast]]);
  const rivers: River[] = [];
  for (const design of RIVERS) {
    const line = snapLine(buildCourse(design, lines));
    lines.set(design.id, line);
    const mouth = design.into === 'sea' ? insertCrossing(line, coast) : undefined;
    if (design.into === 'sea' && !mouth) throw new Error(`${design.id} does not reach the coast`);
    const widthKm = widths(design, line);
    const islandRings = (design.islands ?? []).map((island) => ({
      name: island.name,
      ring: snapLine(islandRing(line, widthKm, island)),
    }));
    const left = untangle(offset(line, (i) => at(widthKm, i) / 2));
    const right = untangle(offset(line, (i) => -at(widthKm, i) / 2));
    const end = mouth ? mouthBetween(left, right, coast) : [];
    const shell = snapLine(simplify([...left, ...end, ...right.reverse(), at(left, 0)], 0.003));
    rivers.push({
      ...design,
      line,
      widthKm,
      ...(mouth ? { mouth } : {}),
      polygon: [shell, ...islandRings.map((island) => island.ring)],
      islandRings,
    });
  }
  const canals: Canal[] = CANALS.map((design) => {
    const line = design.course.map((p, i) => {
      const end = i === 0 || i === design.course.length - 1;
      if (!end) return snap(p);
      for (const river of rivers) {
        const v = at(river.line, nearestVertex(river.line, p));
        if (distance(v, p) < 1.2) return v;
      }
      return snap(p);
    });
    const mouth = insertCrossing(line, coast);
    const cut = mouth ? line.slice(0, line.indexOf(mouth) + 1) : line;
    lines.set(design.id, cut);
    return { ...design, line: cut };
  });
  return {
    coast,
    rivers,
    canals,
    line(id) {
      const line = lines.get(id);
      if (!line) throw new Error(`no line ${id}`);
      return line;
    },
  };
}
