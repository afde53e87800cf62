import { z } from 'zod';

/** Kinds of personal data as data: `config/personal-data.yaml`. */
export const ERASURES = ['erase', 'part', 'keep', 'expire'] as const;

const Text = z.string().min(1).max(500);

const KindEntry = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z_]{0,31}$/),
    nameVi: Text,
    nameEn: Text,
    fields: z.array(z.string().regex(/^[a-z_]+\.[a-z0-9_]+$/)).min(1),
    purposeVi: Text,
    purposeEn: Text,
    keepDays: z.int().min(1).max(36_500).nullable().describe('null = as long as what it belongs to'),
    erasure: z
      .enum(ERASURES)
      .describe(
        'what erasing a person does: erase = all goes, part = some stays, keep = stays, expire = tied to nobody by name, goes by its days alone',
      ),
    keptVi: Text.optional(),
    keptEn: Text.optional(),
  })
  .refine(({ erasure, keptVi, keptEn }) => !['part', 'keep'].includes(erasure) || (keptVi && keptEn), {
    message: 'what stays needs its reason: keptVi, keptEn',
  });

export const PersonalDataFile = z.strictObject({
  schemaVersion: z.literal(1),
  kinds: z
    .array(KindEntry)
    .min(1)
    .refine((kinds) => new Set(kinds.map((kind) => kind.id)).size === kinds.length, 'a kind is there twice'),
});
export type PersonalDataFile = z.output<typeof PersonalDataFile>;
export type PersonalDataKind = PersonalDataFile['kinds'][number];
