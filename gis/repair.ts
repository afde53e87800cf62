import type { LonLat } from '../core/reading.ts';
import type { Bilingual } from '../core/text.ts';
import { findCrossing } from './crossing.ts';
import type { MultiPolygonRings, PolygonRings } from './geo.ts';

/** More points than any administrative area needs at the scale of a province. */
const MAX_POSITIONS = 500_000;

/** How far a repair may change the area of what was drawn, as a share of it. */
const MAX_AREA_CHANGE = 0.01;

export interface CleanGeometry {
  polygons: MultiPolygonRings;
  /** What was put right without changing any border. */
  repairs: Bilingual[];
  /** Where a border crosses or touches itself: PostGIS must make it valid, and {@link judgeRepair} must agree. */
  crossingAt: LonLat | null;
}

/** A reason to refuse a geometry; never leaves this folder as an exception. */
class Refusal extends Error {
  readonly reason: Bilingual;
  constructor(vi: string, en: string) {
    super(en);
    this.reason = { vi, en };
  }
}

/**
 * GeoJSON geometry → rings that are closed, without repeated points, outer rings counter-clockwise and holes
 * clockwise (RFC 7946), or the reason why that cannot be had without guessing.
 */
export function cleanGeometry(geometry: unknown): CleanGeometry | { refused: Bilingual } {
  try {
    return clean(geometry);
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.reason };
    throw error;
  }
}

function clean(geometry: unknown): CleanGeometry {
  if (typeof geometry !== 'object' || geometry === null) {
    throw new Refusal('không có hình học', 'has no geometry');
  }
  const { type, coordinates } = geometry as { type?: unknown; coordinates?: unknown };
  if (type !== 'Polygon' && type !== 'MultiPolygon') {
    const kind = typeof type === 'string' ? type.slice(0, 40) : typeof type;
    throw new Refusal(
      `hình học ${kind} không phải vùng (cần Polygon hoặc MultiPolygon)`,
      `a ${kind} is no area (Polygon or MultiPolygon needed)`,
    );
  }
  const tally = { positions: 0, closed: 0, repeated: 0, turned: 0, heights: 0, collapsed: 0 };
  const parts = list(type === 'Polygon' ? [coordinates] : coordinates);
  const polygons: MultiPolygonRings = [];
  for (const part of parts) {
    const rings: PolygonRings = [];
    for (const [index, raw] of list(part).entries()) {
      const ring = cleanRing(list(raw), tally);
      if (ring) rings.push(orient(ring, index === 0, tally));
      else if (index === 0) break;
    }
    if (rings.length > 0) polygons.push(rings);
  }
  if (polygons.length === 0) throw new Refusal('hình học rỗng', 'the geometry is empty');
  checkSpan(polygons);
  return { polygons, repairs: describe(tally), crossingAt: firstCrossing(polygons) };
}

type Tally = Record<'positions' | 'closed' | 'repeated' | 'turned' | 'heights' | 'collapsed', number>;

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Refusal('tọa độ sai cấu trúc', 'coordinates have the wrong structure');
  return value;
}

/** Closed, no point twice in a row; undefined when nothing with an area remains. */
function cleanRing(raw: unknown[], tally: Tally): LonLat[] | undefined {
  tally.positions += raw.length;
  if (tally.positions > MAX_POSITIONS) {
    throw new Refusal(`nhiều hơn ${MAX_POSITIONS} điểm`, `more than ${MAX_POSITIONS} points`);
  }
  const ring: LonLat[] = [];
  for (const item of raw) {
    const point = position(item, tally);
    const last = ring.at(-1);
    if (last && same(last, point)) tally.repeated++;
    else ring.push(point);
  }
  const [first] = ring;
  const last = ring.at(-1);
  if (first && last && !same(first, last)) {
    ring.push([...first]);
    tally.closed++;
  }
  if (ring.length >= 4 && doubleArea(ring) !== 0) return ring;
  tally.collapsed++;
  return undefined;
}

function position(item: unknown, tally: Tally): LonLat {
  const [lon, lat, ...rest] = list(item);
  if (typeof lon !== 'number' || typeof lat !== 'number' || !Number.isFinite(lon) || !Number.isFinite(lat)) {
    throw new Refusal('tọa độ không phải số', 'a coordinate is not a number');
  }
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) {
    const swapped = Math.abs(lat) <= 180 && Math.abs(lon) <= 90;
    throw new Refusal(
      `tọa độ [${lon}, ${lat}] không thuộc EPSG:4326${swapped ? '; có thể kinh độ và vĩ độ bị đảo' : '; hãy chuyển hệ tọa độ trước'}`,
      `[${lon}, ${lat}] is not in EPSG:4326${swapped ? '; longitude and latitude may be swapped' : '; convert the coordinates first'}`,
    );
  }
  if (rest.length > 0) tally.heights++;
  return [lon, lat];
}

function same(a: LonLat, b: LonLat): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Twice the signed planar area in square degrees, positive when counter-clockwise. */
function doubleArea(ring: readonly LonLat[]): number {
  const [origin] = ring;
  let sum = 0;
  if (!origin) return sum;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1] as LonLat;
    const [x2, y2] = ring[i] as LonLat;
    // Relative to the first point, or the digits of 105° would eat those of a small area.
    sum += (x1 - origin[0]) * (y2 - origin[1]) - (x2 - origin[0]) * (y1 - origin[1]);
  }
  return sum;
}

function orient(ring: LonLat[], outer: boolean, tally: Tally): LonLat[] {
  if (doubleArea(ring) > 0 === outer) return ring;
  tally.turned++;
  return ring.reverse();
}

/** No area of a province is half the globe wide, except one that was cut by the date line and not split. */
function checkSpan(polygons: MultiPolygonRings): void {
  let [west, east] = [Infinity, -Infinity];
  for (const rings of polygons) {
    for (const [lon] of rings[0] ?? []) {
      west = Math.min(west, lon);
      east = Math.max(east, lon);
    }
  }
  if (east - west > 180) {
    throw new Refusal(
      'vùng vắt qua kinh tuyến 180°; hãy tách làm hai phần',
      'reaches across the 180° meridian; split it there',
    );
  }
}

function firstCrossing(polygons: MultiPolygonRings): LonLat | null {
  for (const rings of polygons) {
    const place = findCrossing(rings);
    if (place) return place;
  }
  return null;
}

function describe(tally: Tally): Bilingual[] {
  const say = (count: number, vi: string, en: string) => (count > 0 ? [{ vi, en }] : []);
  return [
    ...say(tally.closed, `khép kín ${tally.closed} vòng`, `closed ${tally.closed} ring(s)`),
    ...say(tally.repeated, `bỏ ${tally.repeated} điểm lặp`, `dropped ${tally.repeated} repeated point(s)`),
    ...say(tally.turned, `đảo chiều ${tally.turned} vòng`, `turned ${tally.turned} ring(s) round`),
    ...say(
      tally.heights,
      `bỏ độ cao của ${tally.heights} điểm`,
      `dropped the height of ${tally.heights} point(s)`,
    ),
    ...say(
      tally.collapsed,
      `bỏ ${tally.collapsed} vòng không có diện tích`,
      `dropped ${tally.collapsed} ring(s) without area`,
    ),
  ];
}

/**
 * Whether what PostGIS `ST_MakeValid` made of a self-crossing geometry may take its place: still an area, and of
 * nearly the same size. `after` is GeoJSON; of a collection only the polygons count. Sizes are planar: only their
 * ratio matters.
 */
export function judgeRepair(
  before: MultiPolygonRings,
  after: unknown,
): { polygons: MultiPolygonRings } | { refused: Bilingual } {
  const cleaned = cleanGeometry({ type: 'MultiPolygon', coordinates: polygonsIn(after) });
  if ('refused' in cleaned || cleaned.crossingAt) {
    return {
      refused: {
        vi: 'đường biên tự cắt; sửa xong không còn là vùng',
        en: 'the border crosses itself, and what a repair leaves is no area',
      },
    };
  }
  const [drawn, repaired] = [planarSize(before), planarSize(cleaned.polygons)];
  const change = Math.abs(repaired - drawn) / drawn;
  if (!(change < MAX_AREA_CHANGE)) {
    const percent = Number.isFinite(change) ? (change * 100).toFixed(1) : '>100';
    return {
      refused: {
        vi: `đường biên tự cắt; sửa sẽ làm diện tích thay đổi ${percent.replace('.', ',')} %`,
        en: `the border crosses itself, and a repair would change its area by ${percent} %`,
      },
    };
  }
  return { polygons: cleaned.polygons };
}

function polygonsIn(geometry: unknown): unknown[] {
  if (typeof geometry !== 'object' || geometry === null) return [];
  const { type, coordinates, geometries } = geometry as Record<string, unknown>;
  if (type === 'Polygon') return [coordinates];
  if (type === 'MultiPolygon' && Array.isArray(coordinates)) return coordinates;
  if (type === 'GeometryCollection' && Array.isArray(geometries)) return geometries.flatMap(polygonsIn);
  return [];
}

function planarSize(polygons: MultiPolygonRings): number {
  let size = 0;
  for (const rings of polygons) {
    for (const [index, ring] of rings.entries()) {
      size += (index === 0 ? 1 : -1) * Math.abs(doubleArea(ring));
    }
  }
  return size;
}
