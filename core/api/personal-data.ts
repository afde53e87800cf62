import { z } from 'zod';
import { ERASURES } from '../personal-data.ts';
import { Bilingual, Timestamp } from './common.ts';

/** One kind of personal data: what it is kept for, how long, and what erasing a person does to it. */
export const PersonalDataKindDto = z
  .object({
    id: z.string(),
    name: Bilingual,
    fields: z.array(z.string()),
    purpose: Bilingual,
    keepDays: z.number().nullable(),
    erasure: z.enum(ERASURES),
    kept: Bilingual.nullable(),
  })
  .meta({ id: 'PersonalDataKind' });
export type PersonalDataKindDto = z.infer<typeof PersonalDataKindDto>;

/** Why somebody looks or erases: the request of the person, an order, an inspection. */
const Reason = z.string().trim().min(3).max(500);

export const SubjectLookup = z.strictObject({
  q: z.string().trim().min(2).max(200).describe('user name, or part of a name'),
  reason: Reason,
});
export const SubjectReason = z.strictObject({ reason: Reason });

export const Subject = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    status: z.enum(['active', 'locked', 'revoked']),
    erasedAt: Timestamp.nullable(),
    held: z.array(z.object({ kind: z.string(), count: z.number() })),
  })
  .meta({ id: 'DataSubject' });
export type Subject = z.infer<typeof Subject>;

export const SubjectReport = z
  .object({
    subject: Subject,
    madeAt: Timestamp,
    data: z.array(
      z.object({
        kind: z.string(),
        count: z.number(),
        rows: z.array(z.record(z.string(), z.unknown())).describe('the latest, at most 500'),
      }),
    ),
  })
  .meta({ id: 'SubjectReport' });
export type SubjectReport = z.infer<typeof SubjectReport>;

/** What one run removed, by kind, and what stays. */
export const PersonalDataRun = z
  .object({
    id: z.number(),
    at: Timestamp,
    kind: z.enum(['erasure', 'retention']),
    subjectId: z.string().nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    removed: z.record(z.string(), z.number()),
  })
  .meta({ id: 'PersonalDataRun' });
export type PersonalDataRun = z.infer<typeof PersonalDataRun>;
