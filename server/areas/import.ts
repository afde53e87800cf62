import type { AreaImportReport, AreaLevel } from '../../core/api/areas.ts';
import type { Database, Queryable, Tx } from '../../core/ports.ts';
import { type Bilingual, fold } from '../../core/text.ts';
import { areaM2, type ImportedArea, judgeRepair, readAreaFile } from '../../gis/index.ts';
import {
  type AreaRow,
  type AreaWrite,
  allAreas,
  checkGeometries,
  closeMissing,
  closeOlderVersions,
  deleteAreas,
  lockAreas,
  refreshPaths,
  relocate,
  replaceOverlapped,
  setParents,
  upsertAreas,
} from './sql.ts';

/** Geometry goes to the database in pieces of about this many points, so that one statement stays small. */
const POINTS_PER_STATEMENT = 50_000;

type Level = (typeof AreaLevel)['options'][number];

export interface ImportOptions {
  /** First day in force; null = since always. */
  validFrom: string | null;
  /** Today in the centre's time zone. */
  today: string;
  closeMissing: boolean;
  /** Writes the import down, as the last statement of its transaction. */
  recordAct(tx: Tx, report: AreaImportReport): Promise<void>;
}

/**
 * Imports a FeatureCollection in one transaction: all that can be taken is, and the report says what was put right
 * and what was refused. The same file again changes nothing; the same code with a later first day is a new version
 * that ends the older one.
 */
export async function importAreas(
  database: Database,
  collection: unknown,
  options: ImportOptions,
): Promise<AreaImportReport> {
  const file = readAreaFile(collection);
  const report: AreaImportReport = {
    imported: { province: 0, district: 0, commune: 0 },
    repaired: file.areas.flatMap((area) => area.repairs.map((reason) => remark(area, reason))),
    rejected: file.refused.map(({ index, code, reason }) => ({
      ...remark({ index, code: code ?? '' }, reason),
      code,
    })),
    ended: 0,
    replaced: [],
    relocated: 0,
  };
  await database.transaction(async (tx) => {
    await lockAreas(tx);
    const valid = await makeValid(tx, file.areas, report);
    const existing = await allAreas(tx);
    const areas = valid.map((area) => ({ area, level: levelOf(area, valid) }));
    const idOf = idsFor(existing, options.validFrom);
    for (const part of pieces(areas, ({ area }) => pointsIn(area))) {
      await upsertAreas(
        tx,
        part.map(({ area, level }) => toWrite(area, level, idOf(area.code))),
        options.validFrom,
      );
    }
    const stored = await placeInTree(tx, areas, idOf, existing, options, report);
    const codes = stored.map(({ area }) => area.code);
    report.ended = await closeOlderVersions(tx, codes);
    const provinces = stored.filter(({ level }) => level === 'province').map(({ area }) => area.code);
    if (options.closeMissing && options.validFrom !== null) {
      report.ended += await closeMissing(tx, provinces, codes, options.validFrom);
    }
    await refreshPaths(tx);
    const gone = await replaceOverlapped(tx, provinces, options.validFrom ?? options.today);
    report.ended += gone.length;
    report.replaced = gone
      .filter((area) => area.level === 'province')
      .map((area) => ({ code: area.code, name: area.full_name }));
    for (const { level } of stored) report.imported[level]++;
    report.relocated =
      (await relocate(tx, 'devices', options.today)) + (await relocate(tx, 'cameras', options.today));
    await relocate(tx, 'unit_positions', options.today);
    await options.recordAct(tx, report);
  });
  const refused = new Set(report.rejected.map((item) => item.index));
  report.repaired = report.repaired.filter((item) => !refused.has(item.index));
  const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
  report.repaired.sort(byIndex);
  report.rejected.sort(byIndex);
  return report;
}

interface Placed {
  area: ImportedArea;
  level: Level;
}

/** Has PostGIS look at every border: it stores them, so its word counts. */
async function makeValid(
  db: Queryable,
  areas: readonly ImportedArea[],
  report: AreaImportReport,
): Promise<ImportedArea[]> {
  const valid: ImportedArea[] = [];
  for (const part of pieces(areas, pointsIn)) {
    const verdicts = await checkGeometries(db, part.map(geometryOf));
    for (const [i, area] of part.entries()) {
      const verdict = verdicts[i];
      if (!verdict || verdict.repaired === null) {
        valid.push(area);
        continue;
      }
      const judged = judgeRepair(area.polygons, JSON.parse(verdict.repaired));
      if ('refused' in judged) {
        report.rejected.push(remark(area, judged.refused));
        continue;
      }
      const reason = verdict.reason ?? '';
      report.repaired.push(
        remark(area, { vi: `sửa đường biên: ${reason}`, en: `border made valid: ${reason}` }),
      );
      valid.push({ ...area, polygons: judged.polygons });
    }
  }
  return valid;
}

/** Says the file nothing about a level, the first feature is the province, and the others are communes. */
function levelOf(area: ImportedArea, all: readonly ImportedArea[]): Level {
  if (area.level !== null) return area.level;
  const isFirst = area === all[0];
  return isFirst && !all.some((other) => other.level === 'province') ? 'province' : 'commune';
}

/** The id of a code's version: that of the stored one with the same first day, else a new one. */
function idsFor(existing: readonly AreaRow[], validFrom: string | null): (code: string) => string {
  const same = new Map(
    existing.filter((row) => row.valid_from === validFrom).map((row) => [row.code, row.id]),
  );
  const taken = new Set(existing.map((row) => row.id));
  return (code) => same.get(code) ?? (taken.has(code) ? `${code}@${validFrom ?? 'always'}` : code);
}

async function placeInTree(
  tx: Tx,
  areas: readonly Placed[],
  idOf: (code: string) => string,
  existing: readonly AreaRow[],
  options: ImportOptions,
  report: AreaImportReport,
): Promise<Placed[]> {
  const provinces = areas.filter(({ level }) => level === 'province');
  const [only] = provinces;
  // An island that the simplified outline of the file's one province leaves out belongs to it all the same.
  const fallbackId = provinces.length === 1 && only ? idOf(only.area.code) : null;
  const below = areas.filter(({ level }) => level !== 'province');
  const placed = await setParents(
    tx,
    below.map(({ area }) => ({
      id: idOf(area.code),
      parent_code: area.parentCode,
      fallback_id: fallbackId,
    })),
    areas.map(({ area }) => idOf(area.code)),
    options.validFrom ?? options.today,
  );
  const parentOf = new Map(placed.map((row) => [row.id, row]));
  const known = new Set(existing.map((row) => row.id));
  const orphans: string[] = [];
  const stored = areas.filter(({ area, level }) => {
    if (level === 'province') return true;
    const id = idOf(area.code);
    const parent = parentOf.get(id);
    if (parent?.parent_id == null) {
      report.rejected.push(
        remark(area, {
          vi: 'không nằm trong tỉnh nào đã nhập; hãy nhập đường biên tỉnh trước',
          en: 'lies in no imported province; import the outline of the province first',
        }),
      );
      if (!known.has(id)) orphans.push(id);
      return false;
    }
    if (!parent.covered)
      report.repaired.push(
        remark(area, {
          vi: `nằm ngoài đường biên; lấy theo ${only?.area.fullName}`,
          en: `lies outside the outline; taken as part of ${only?.area.fullName}`,
        }),
      );
    return true;
  });
  await deleteAreas(tx, orphans);
  return stored;
}

function toWrite(area: ImportedArea, level: Level, id: string): AreaWrite {
  return {
    id,
    code: area.code,
    level,
    name: area.name,
    full_name: area.fullName,
    full_name_en: area.fullNameEn,
    area_km2: area.areaKm2 ?? Math.round(areaM2(area.polygons) / 10_000) / 100,
    search_text: fold(`${area.name} ${area.fullName} ${area.fullNameEn} ${area.code}`),
    geometry: geometryOf(area),
  };
}

const geometryOf = (area: ImportedArea) => ({ type: 'MultiPolygon', coordinates: area.polygons });

function remark({ index, code }: { index: number; code: string }, reason: Bilingual) {
  return { index, code, reason: reason.en, reasonVi: reason.vi };
}

function pointsIn(area: ImportedArea): number {
  let count = 0;
  for (const rings of area.polygons) for (const ring of rings) count += ring.length;
  return count;
}

function pieces<T>(items: readonly T[], weightOf: (item: T) => number): T[][] {
  const parts: T[][] = [];
  let weight = Infinity;
  for (const item of items) {
    weight += weightOf(item);
    if (weight > POINTS_PER_STATEMENT) {
      parts.push([]);
      weight = weightOf(item);
    }
    parts.at(-1)?.push(item);
  }
  return parts;
}
