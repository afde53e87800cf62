import { z } from 'zod';
import { LOAN_KINDS, PERMISSIONS, REFUSALS } from '../permissions.ts';
import { Class } from './common.ts';

/** What this user sees, and why: one row held against every grant of one person. */
export const SIGHT_KINDS = ['device', 'camera', 'unit', 'alert'] as const;
const SightKind = z.enum(SIGHT_KINDS);

export const SightQuery = z.object({
  kind: SightKind,
  q: z.string().trim().max(100).default('').describe('part of a name or id; empty = the first rows'),
  id: z.string().max(64).optional().describe('one row'),
  permission: z.enum(PERMISSIONS).optional().describe('absent = the one to see such rows'),
});
export type SightQuery = z.output<typeof SightQuery>;

const Verdict = z.object({
  grant: z.number().int().describe('index in `grants`'),
  refusals: z.array(z.enum(REFUSALS)).describe('empty = this grant allows it'),
});

export const Sight = z
  .object({
    user: z.object({
      id: z.string(),
      username: z.string(),
      displayName: z.string(),
      agencyId: z.string().nullable(),
      active: z.boolean().describe('false = the account is locked, and sees nothing'),
    }),
    permission: z.enum(PERMISSIONS),
    grants: z.array(
      z.object({
        role: z.string(),
        lentBy: z.string().nullable().describe('whose grant it is, if it was lent'),
        kind: z.enum(LOAN_KINDS).nullable(),
        hasPermission: z.boolean(),
        agencies: z.array(z.string()).nullable().describe('with those below; null = all'),
        areas: z.number().int().nullable().describe('how many areas, with those below; null = all'),
        domains: z.array(z.string()).nullable(),
        maxClass: Class,
      }),
    ),
    rows: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        areaId: z.string().nullable(),
        domain: z.string().nullable(),
        agencyId: z.string().nullable(),
        class: Class,
        parties: z.array(z.string()),
        visible: z.boolean(),
        verdicts: z.array(Verdict).describe('one per grant'),
      }),
    ),
    more: z.boolean().describe('there are more rows than are shown'),
  })
  .meta({ id: 'Sight' });
export type Sight = z.output<typeof Sight>;
