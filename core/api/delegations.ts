import { z } from 'zod';
import { LOAN_KINDS, PERMISSIONS } from '../permissions.ts';
import { AgencyId } from './agencies.ts';
import { AgencyScope } from './auth.ts';
import { Class, Timestamp } from './common.ts';

const LoanKind = z
  .enum(LOAN_KINDS)
  .describe(
    'delegation = part of the own grant; acting = stands in for the director; mutual_aid = help by another agency, ' +
      'for hours; break_glass = emergency access, for hours, every use written down',
  );
const Reason = z.string().trim().min(3).max(500);

/** Part of one of the own grants for somebody else. What is absent is as in that grant. */
export const DelegationCreate = z.strictObject({
  kind: LoanKind.default('delegation'),
  grantId: z.number().int().positive().describe('one of the own grants, see GET /me'),
  to: z.string().min(1).max(128).describe('user name'),
  permissions: z.array(z.enum(PERMISSIONS)).min(1).optional(),
  agencies: z.array(AgencyId).min(1).max(500).optional(),
  areaIds: z.array(z.string().max(64)).min(1).max(5000).optional(),
  domains: z.array(z.string().max(64)).min(1).max(500).optional(),
  maxClass: Class.optional(),
  validFrom: Timestamp.optional().describe('absent = at once'),
  validTo: Timestamp.describe('it ends then by itself'),
  reason: Reason,
});
export type DelegationCreate = z.output<typeof DelegationCreate>;

export const DelegationEnd = z.strictObject({ reason: Reason.optional() });

const Person = z.object({ id: z.string(), username: z.string(), displayName: z.string() });

export const Delegation = z
  .object({
    id: z.number().int(),
    kind: LoanKind,
    from: Person,
    to: Person,
    role: z.string(),
    permissions: z.array(z.enum(PERMISSIONS)),
    agencies: AgencyScope,
    areaIds: z.array(z.string()).nullable().describe('null = as far as the grant of the lender'),
    domains: z.array(z.string()).nullable(),
    maxClass: Class,
    reason: z.string(),
    validFrom: Timestamp,
    validTo: Timestamp,
    endedAt: Timestamp.nullable().describe('taken or given back before its time'),
    endedBy: z.string().nullable(),
    state: z
      .enum(['planned', 'active', 'dormant', 'ended'])
      .describe('dormant = the grant it is part of is not in force, or its lender’s account is locked'),
  })
  .meta({ id: 'Delegation' });
export type Delegation = z.output<typeof Delegation>;

export const DelegationQuery = z.object({
  state: z.enum(['open', 'all']).default('open').describe('open = planned, active or dormant'),
});

/** Somebody to whom powers can be lent. */
export const Colleague = z
  .object({ username: z.string(), displayName: z.string(), agencyId: z.string().nullable() })
  .meta({ id: 'Colleague' });
export const ColleagueQuery = z.object({ q: z.string().max(100).default('') });
