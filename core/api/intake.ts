import { z } from 'zod';
import { PageQuery, Slug } from './common.ts';

/** `POST /ingest/{device}`: everything in it is committed when this is answered. */
export const IngestReceipt = z
  .object({
    stored: z.number().int().describe('values and fixes that are new'),
    duplicates: z.number().int().describe('values and fixes that were there already'),
    quarantined: z.array(z.object({ id: z.number().int(), code: z.string(), reason: z.string() })),
  })
  .meta({ id: 'IngestReceipt' });
export type IngestReceipt = z.infer<typeof IngestReceipt>;

const QuarantineFilter = z.strictObject({
  device: Slug.optional(),
  code: z.string().max(64).optional(),
});
export const QuarantineQuery = z.object({ ...PageQuery.shape, ...QuarantineFilter.shape });

/** Which rows to replay: by id, or the oldest that match and were never replayed. */
export const QuarantineReplay = z.union([
  z.strictObject({ ids: z.array(z.number().int().positive()).min(1).max(1000) }),
  z.strictObject({ filter: QuarantineFilter }),
]);
export type QuarantineReplay = z.infer<typeof QuarantineReplay>;

export const QuarantineReplayed = z
  .object({
    messages: z.number().int().describe('messages that went through the pipeline again'),
    stored: z.number().int(),
    duplicates: z.number().int(),
    refused: z.number().int().describe('parts that were refused again; no new rows are made of them'),
    skipped: z.number().int().describe('rows that were refused unread: there is nothing to replay'),
    more: z.boolean().describe('further rows match the filter'),
  })
  .meta({ id: 'QuarantineReplayed' });
export type QuarantineReplayed = z.infer<typeof QuarantineReplayed>;
