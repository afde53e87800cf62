import { z } from 'zod';
import { AREA_LEVELS, type AreaLevel } from '../core/api/areas.ts';
import { AppError } from '../core/errors.ts';
import type { LonLat } from '../core/reading.ts';
import type { Bilingual } from '../core/text.ts';
import type { MultiPolygonRings } from './geo.ts';
import { cleanGeometry } from './repair.ts';

/** One area as it may be stored. */
export interface ImportedArea {
  /** Place in the file, from 0. */
  index: number;
  code: string;
  name: string;
  fullName: string;
  fullNameEn: string;
  areaKm2: number | null;
  /** From the file, or from the length of the national code; null when neither says. */
  level: Level | null;
  parentCode: string | null;
  polygons: MultiPolygonRings;
  repairs: Bilingual[];
  /** See `CleanGeometry.crossingAt`: to be made valid by PostGIS before it is stored. */
  crossingAt: LonLat | null;
}

interface RefusedFeature {
  index: number;
  code: string | null;
  reason: Bilingual;
}

export interface AreaFile {
  areas: ImportedArea[];
  refused: RefusedFeature[];
}

type Level = z.infer<typeof AreaLevel>;

/** Lengths of Vietnam's administrative codes (national list of units): province 2, district 3, commune 5. */
const LEVEL_OF_CODE_LENGTH: Record<number, Level> = { 2: 'province', 3: 'district', 5: 'commune' };

const text = z
  .string()
  .transform((value) => value.normalize('NFC').replace(/\s+/g, ' ').trim())
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .refine((value) => !/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/.test(value))
  .refine((value) => value.length <= 200);

const Properties = z.object({
  code: z
    .union([z.string(), z.number().int().min(0)])
    .transform((code) => String(code).trim())
    .refine((code) => /^[A-Za-z0-9._-]{1,32}$/.test(code)),
  name: text.refine((name) => name !== ''),
  fullName: text.nullish(),
  fullNameEn: text.nullish(),
  areaKm2: z.number().positive().finite().nullish(),
  level: z.enum(AREA_LEVELS).nullish(),
  parentCode: z
    .union([z.string().max(32), z.number()])
    .transform(String)
    .nullish(),
});

/** What is said about a property that does not fit. */
const PROPERTY_REASONS: Record<string, Bilingual> = {
  code: { vi: 'thiếu hoặc sai mã (code)', en: 'code is missing or not a code' },
  name: { vi: 'thiếu hoặc sai tên (name)', en: 'name is missing or not a name' },
  level: {
    vi: `cấp (level) phải là ${AREA_LEVELS.join(', ')}`,
    en: `level must be one of ${AREA_LEVELS.join(', ')}`,
  },
};

const WGS84_NAMES = /(CRS:?84|EPSG:{1,2}4326|4326)$/i;

/**
 * Reads a FeatureCollection of administrative areas (EPSG:4326). Each feature is judged by itself: what can be put
 * right without changing a border is, and said; the rest is refused with the reason, the others are kept. Properties:
 * `code` and `name`; optional `fullName`, `fullNameEn`, `areaKm2`, `level`, `parentCode`.
 *
 * Throws `request.invalid` when the whole is no FeatureCollection or says that it is in another coordinate system.
 */
export function readAreaFile(collection: unknown): AreaFile {
  const { type, features, crs } = (collection ?? {}) as Record<string, unknown>;
  if (type !== 'FeatureCollection' || !Array.isArray(features)) {
    throw new AppError('request.invalid', { detail: 'not a GeoJSON FeatureCollection' });
  }
  const crsName = (crs as { properties?: { name?: unknown } } | null | undefined)?.properties?.name;
  if (typeof crsName === 'string' && !WGS84_NAMES.test(crsName)) {
    throw new AppError('request.invalid', {
      detail: `coordinates are in ${crsName.slice(0, 80)}; convert them to EPSG:4326 first`,
    });
  }
  const file: AreaFile = { areas: [], refused: [] };
  const indexOfCode = new Map<string, number>();
  for (const [index, feature] of features.entries()) {
    const verdict = readFeature(feature, index);
    const first = verdict.code === null ? undefined : indexOfCode.get(verdict.code);
    if (first !== undefined) {
      const reason = {
        vi: `mã trùng với đối tượng thứ ${first}`,
        en: `has the same code as feature ${first}`,
      };
      file.refused.push({ index, code: verdict.code, reason });
    } else if ('reason' in verdict) {
      file.refused.push(verdict);
    } else {
      indexOfCode.set(verdict.code, index);
      file.areas.push(verdict);
    }
  }
  return file;
}

function readFeature(feature: unknown, index: number): ImportedArea | RefusedFeature {
  if (typeof feature !== 'object' || feature === null || (feature as { type?: unknown }).type !== 'Feature') {
    return { index, code: null, reason: { vi: 'không phải Feature', en: 'is not a Feature' } };
  }
  const { properties, geometry } = feature as { properties?: unknown; geometry?: unknown };
  const parsed = Properties.safeParse(properties ?? {});
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0] ?? 'properties');
    const reason = PROPERTY_REASONS[field] ?? {
      vi: `thuộc tính ${field} sai`,
      en: `property ${field} is wrong`,
    };
    return { index, code: codeOf(properties), reason };
  }
  const { code, name, fullName, fullNameEn, areaKm2, level, parentCode } = parsed.data;
  const cleaned = cleanGeometry(geometry);
  if ('refused' in cleaned) return { index, code, reason: cleaned.refused };
  return {
    index,
    code,
    name,
    fullName: fullName || name,
    fullNameEn: fullNameEn ?? '',
    areaKm2: areaKm2 ?? null,
    level: level ?? LEVEL_OF_CODE_LENGTH[code.length] ?? null,
    parentCode: parentCode ?? null,
    ...cleaned,
  };
}

/** The code of a refused feature, as far as there is one to name it by. */
function codeOf(properties: unknown): string | null {
  const parsed = Properties.shape.code.safeParse((properties as { code?: unknown } | null)?.code);
  return parsed.success ? parsed.data : null;
}
