import type { Area } from '../../core/api/areas.ts';
import type { AreaDirectory, Queryable } from '../../core/ports.ts';
import { type AreaIndex, buildAreaIndex, type FlatPolygon, type MultiPolygonRings } from '../../gis/index.ts';
import { type AreaRow, allAreas, geometriesOf } from './sql.ts';

/** Borders are read a few hundred areas at a time: one row of a large province can be a megabyte. */
const GEOMETRIES_PER_READ = 200;

export interface AreaTree extends AreaDirectory {
  /** Every version of every area, by code. */
  all(): readonly AreaRow[];
  get(areaId: string): AreaRow | undefined;
  /** Areas in force today that cover the point, the smallest first. */
  covering(lon: number, lat: number): string[];
  /** Border of an area that is in force today. */
  shape(areaId: string): FlatPolygon | undefined;
  /** Rings of an area in force today, for tiles. */
  rings(areaId: string): MultiPolygonRings | undefined;
  isInForce(area: AreaRow, day: string): boolean;
  /** The version of this area's code that is in force on a day. */
  versionOn(areaId: string, day: string): AreaRow | undefined;
  reload(db: Queryable, today: string): Promise<void>;
  /** The next day on which an area begins or ends, after the day of the last reload. */
  nextChange(): string | undefined;
}

/** The tree of areas and the index of their borders in memory; a reload swaps both at once. */
export function createAreaTree(): AreaTree {
  let generation = 0;
  let rows: AreaRow[] = [];
  let byId = new Map<string, AreaRow>();
  let idsOfCode = new Map<string, string[]>();
  let children = new Map<string, string[]>();
  let rings = new Map<string, MultiPolygonRings>();
  let index: AreaIndex = buildAreaIndex([]);
  let next: string | undefined;

  return {
    get generation() {
      return generation;
    },
    all: () => rows,
    get: (id) => byId.get(id),
    nameOf: (id) => byId.get(id)?.full_name ?? null,
    pathOf: (id) => byId.get(id)?.path ?? [],
    locate: (lon, lat) => index.locate(lon, lat),
    covering: (lon, lat) => index.covering(lon, lat),
    shape: (id) => index.shape(id),
    rings: (id) => rings.get(id),
    isInForce: inForce,
    versionOn(id, day) {
      const row = byId.get(id);
      if (!row || inForce(row, day)) return row;
      return versionsOf(row, idsOfCode)
        .flatMap((other) => byId.get(other) ?? [])
        .find((other) => inForce(other, day));
    },
    nextChange: () => next,
    subtree(roots) {
      // A code names the same unit before and after a change of its borders, so a grant on it goes on.
      const open = [...roots].flatMap((id) => versionsOf(byId.get(id), idsOfCode));
      const found = new Set<string>();
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (found.has(id)) continue;
        found.add(id);
        for (const child of children.get(id) ?? []) open.push(...versionsOf(byId.get(child), idsOfCode));
      }
      return found;
    },
    async reload(db, today) {
      const fresh = await allAreas(db);
      const current = fresh.filter((row) => inForce(row, today));
      const freshRings = new Map<string, MultiPolygonRings>();
      for (let i = 0; i < current.length; i += GEOMETRIES_PER_READ) {
        const ids = current.slice(i, i + GEOMETRIES_PER_READ).map((row) => row.id);
        for (const row of await geometriesOf(db, ids)) freshRings.set(row.id, parseRings(row.geometry));
      }
      rows = fresh;
      byId = new Map(fresh.map((row) => [row.id, row]));
      idsOfCode = group(fresh, (row) => row.code);
      children = group(fresh, (row) => row.parent_id);
      rings = freshRings;
      index = buildAreaIndex(
        current.map((row) => ({
          id: row.id,
          depth: row.path.length - 1,
          polygons: freshRings.get(row.id) ?? [],
        })),
      );
      next = fresh
        .flatMap((row) => [row.valid_from, row.valid_to])
        .filter((day) => day !== null)
        .filter((day) => day > today)
        .sort()[0];
      generation++;
    },
  };
}

function inForce(row: AreaRow, day: string): boolean {
  return (row.valid_from === null || row.valid_from <= day) && (row.valid_to === null || row.valid_to > day);
}

function versionsOf(row: AreaRow | undefined, idsOfCode: ReadonlyMap<string, string[]>): string[] {
  return row ? (idsOfCode.get(row.code) ?? []) : [];
}

function group(rows: readonly AreaRow[], key: (row: AreaRow) => string | null): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const name = key(row);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), row.id]);
  }
  return groups;
}

/** GeoJSON of the database; it holds nothing but MultiPolygons. */
export function parseRings(geometry: string): MultiPolygonRings {
  return (JSON.parse(geometry) as { coordinates: MultiPolygonRings }).coordinates;
}

export function areaDto(row: AreaRow): Area {
  return {
    id: row.id,
    code: row.code,
    parentId: row.parent_id,
    level: row.level,
    name: row.name,
    fullName: row.full_name,
    fullNameEn: row.full_name_en,
    areaKm2: row.area_km2,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    centroid: row.centroid,
    bbox: row.bbox,
  };
}
