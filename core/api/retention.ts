import { z } from 'zod';
import { Timestamp } from './common.ts';

export const KEPT_DATA = ['values', 'positions', 'minutes', 'hours', 'days'] as const;
export type KeptData = (typeof KEPT_DATA)[number];

/** How long one kind of data is kept, and what the last round did. */
export const Retention = z
  .object({
    data: z.enum(KEPT_DATA),
    /** null = for ever. */
    days: z.number().int().nullable(),
    lastRun: z
      .object({
        at: Timestamp,
        before: Timestamp,
        removed: z.number().int(),
        /** Rows that are older and stay because of a hold. */
        held: z.number().int(),
      })
      .nullable(),
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof Retention>;

export const LegalHold = z
  .object({
    id: z.number().int(),
    reason: z.string(),
    documentNo: z.string().nullable(),
    /** null = of every device. */
    deviceIds: z.array(z.string()).nullable(),
    from: Timestamp,
    to: Timestamp,
    placedBy: z.string(),
    placedAt: Timestamp,
    releaseReason: z.string().nullable(),
    releaseAskedBy: z.string().nullable(),
    releasedBy: z.string().nullable(),
    releasedAt: Timestamp.nullable(),
  })
  .meta({ id: 'LegalHold' });
export type LegalHold = z.infer<typeof LegalHold>;

export const LegalHoldCreate = z
  .strictObject({
    reason: z.string().trim().min(3).max(2000),
    documentNo: z.string().trim().min(1).max(100).optional(),
    deviceIds: z.array(z.string().min(1).max(64)).min(1).max(1000).optional(),
    from: Timestamp,
    to: Timestamp,
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    error: 'from must be before to',
    path: ['to'],
  })
  .meta({ id: 'LegalHoldCreate' });

export const LegalHoldReleaseRequest = z
  .strictObject({ reason: z.string().trim().min(3).max(2000) })
  .meta({ id: 'LegalHoldReleaseRequest' });
