import { z } from 'zod';

export const AccountRequestSettings = z.strictObject({
  emergencyDocumentHours: z.coerce
    .number()
    .int()
    .min(1)
    .max(720)
    .default(24)
    .describe('hours within which an account that was locked at once needs its document'),
  reviewDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(365)
    .describe('days after which a grant must be confirmed again'),
  scanMaxMb: z.coerce.number().int().min(1).max(50).default(10).describe('largest scan of a document, MB'),
  scansMax: z.coerce.number().int().min(1).max(50).default(10).describe('scans of one request'),
});
export type AccountRequestSettings = z.output<typeof AccountRequestSettings>;
