import { z } from 'zod';
import { CLASSES } from '../permissions.ts';

/** `[lon, lat]` in degrees, WGS 84. */
export const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
export type Position = z.infer<typeof Position>;

/** ISO 8601 with an offset, as every time in the API. */
export const Timestamp = z.iso.datetime({ offset: true });

/** Identifier chosen by people: also an MQTT topic segment. */
export const Slug = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and - only, at most 64')
  .meta({ id: 'Slug' });

export const Bilingual = z.object({ vi: z.string(), en: z.string() });

/** How far a row may travel. State secrets are never stored, so no class stands for them. */
export const Class = z.enum(CLASSES).meta({ id: 'Class' });

export const SEVERITIES = ['critical', 'major', 'minor', 'info'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

/** `minLon,minLat,maxLon,maxLat` in a query string. */
export const BboxQuery = z
  .string()
  .transform((text, ctx) => {
    const parts = text.split(',').map(Number);
    const [west, south, east, north] = parts;
    if (
      parts.length !== 4 ||
      west === undefined ||
      south === undefined ||
      east === undefined ||
      north === undefined ||
      !parts.every(Number.isFinite) ||
      west > east ||
      south > north ||
      west < -180 ||
      east > 180 ||
      south < -90 ||
      north > 90
    ) {
      ctx.addIssue({ code: 'custom', message: 'bbox is minLon,minLat,maxLon,maxLat in degrees' });
      return z.NEVER;
    }
    return [west, south, east, north] as [number, number, number, number];
  })
  .meta({ description: 'minLon,minLat,maxLon,maxLat', example: '105.1,9.0,105.6,9.4' });

/** Keyset paging: `limit` rows after `cursor`, which is opaque to clients. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
});

export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** RFC 9457. `code` is one of the codes in docs/errors.md. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
