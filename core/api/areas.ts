import { z } from 'zod';
import { Position } from './common.ts';

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
export const AreaImport = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(z.unknown()).min(1).max(20_000),
});
export const AreaImportQuery = z.object({
  validFrom: z.iso.date().optional().describe('first day the imported areas are in force'),
});
export const AreaImportReport = z
  .object({
    imported: z.object({ province: z.number().int(), district: z.number().int(), commune: z.number().int() }),
    repaired: z.array(z.object({ index: z.number().int(), code: z.string(), reason: z.string() })),
    rejected: z.array(z.object({ index: z.number().int(), code: z.string().nullable(), reason: z.string() })),
  })
  .meta({ id: 'AreaImportReport' });
export type AreaImportReport = z.infer<typeof AreaImportReport>;

/** `GET /areas/at`: the chain from the smallest area up, empty outside every polygon. */
export const AreasAt = z.object({ areas: z.array(Area) });
