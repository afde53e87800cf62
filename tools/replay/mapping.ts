import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Position, Slug } from '../../core/api/common.ts';

const UtcOffset = z.string().regex(/^[+-](0\d|1[0-4]):[0-5]\d$/, 'an offset such as "+07:00"');

const Column = z.strictObject({
  quantity: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  /** As the file has it; absent = the quantity's own unit. */
  unit: z.string().optional(),
  /** The cell is a point of the compass (`N`, `NNE` … `NNW`) and becomes degrees. */
  compass: z.literal(16).optional(),
});

const Station = z.strictObject({
  /** Absent = made from the station's name in the file. */
  id: Slug.optional(),
  name: z.string().min(1).optional(),
  position: Position.describe('[lon, lat]'),
});

/** What the columns of a table of station data mean. */
export const ReplayMapping = z.strictObject({
  delimiter: z.string().length(1).default(','),
  time: z.union([
    z.strictObject({
      parts: z.strictObject({
        year: z.string(),
        month: z.string(),
        day: z.string(),
        hour: z.string(),
        minute: z.string().optional(),
      }),
      utcOffset: UtcOffset,
    }),
    z.strictObject({
      column: z.string(),
      /** For local times without an offset of their own. */
      utcOffset: UtcOffset.optional(),
    }),
  ]),
  /** Cells that say "not measured": skipped and counted. */
  missing: z.array(z.string()).default(['NA', '']),
  /** The column that names the station. */
  station: z.string(),
  device: z.strictObject({
    type: z.string(),
    site: Slug.default('main'),
    domain: z.string().optional(),
    expectedIntervalS: z.number().int().positive().optional(),
  }),
  columns: z.record(z.string(), Column),
  stations: z.record(z.string(), Station),
  /** Readings in one message. */
  batch: z.number().int().min(1).max(1000).default(100),
});
export type ReplayMapping = z.infer<typeof ReplayMapping>;

/** Reads a mapping file (YAML); throws with the file's name and every problem in it. */
export function loadMapping(file: string): ReplayMapping {
  const result = ReplayMapping.safeParse(parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${file}: ${problems.join('; ')}`);
}
