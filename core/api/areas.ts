import { z } from 'zod';
import { PageQuery, Position, Timestamp } from './common.ts';

export const AREA_LEVELS = ['province', 'district', 'commune'] as const;
export const AreaLevel = z.enum(AREA_LEVELS);

export const Area = z
  .object({
    id: z.string(),
    code: z.string().describe('national code'),
    parentId: z.string().nullable(),
    level: AreaLevel,
    name: z.string(),
    fullName: z.string(),
    fullNameEn: z.string(),
    areaKm2: z.number().nullable(),
    validFrom: z.string().nullable(),
    validTo: z.string().nullable(),
    centroid: Position,
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  })
  .meta({ id: 'Area' });
export type Area = z.infer<typeof Area>;

/** Body of `POST /areas`: a GeoJSON FeatureCollection in EPSG:4326; answers with a report, never half silently. */
export const AreaImport = z.looseObject({
  type: z.literal('FeatureCollection'),
  features: z.array(z.unknown()).min(1).max(20_000),
});
export const AreaImportQuery = z.object({
  validFrom: z.iso.date().optional().describe('first day the imported areas are in force'),
  closeMissing: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'true = areas of the imported provinces that are not in the file end the day before `validFrom`',
    ),
});
const AreaRemark = z.object({
  index: z.number().int().describe('place of the feature in the file, from 0'),
  code: z.string().nullable(),
  reason: z.string(),
  reasonVi: z.string(),
});
export const AreaImportReport = z
  .object({
    imported: z.object({ province: z.number().int(), district: z.number().int(), commune: z.number().int() }),
    repaired: z.array(AreaRemark.extend({ code: z.string() })),
    rejected: z.array(AreaRemark),
    /** How many older versions ended because of this import. */
    ended: z.number().int(),
    /** Provinces of other files on the same ground, which ended with all that lay in them. */
    replaced: z.array(z.object({ code: z.string(), name: z.string() })),
    /** Devices and cameras that lie in another area than before. */
    relocated: z.number().int(),
  })
  .meta({ id: 'AreaImportReport' });
export type AreaImportReport = z.infer<typeof AreaImportReport>;

const When = z
  .union([z.iso.date(), Timestamp])
  .optional()
  .describe('areas in force on that day; absent = today');

export const AreaQuery = z.object({
  ...PageQuery.shape,
  level: AreaLevel.optional(),
  parent: z.string().max(64).optional().describe('id: what lies directly below it'),
  when: When,
});

/** `GET /areas/{id}`: with its border as a GeoJSON MultiPolygon. */
export const AreaDetail = z.object({
  ...Area.shape,
  geometry: z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(z.array(Position))) }),
});
export type AreaDetail = z.infer<typeof AreaDetail>;

export const AreaAtQuery = z.object({
  lon: z.coerce.number().min(-180).max(180),
  lat: z.coerce.number().min(-90).max(90),
  when: When,
});

/** `GET /areas/at`: the chain from the smallest area up, empty outside every polygon. */
export const AreasAt = z.object({ areas: z.array(Area) });
