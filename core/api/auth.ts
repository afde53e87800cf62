import { z } from 'zod';
import { PERMISSIONS, SESSION_NEEDS } from '../permissions.ts';
import { AgencyId } from './agencies.ts';
import { Class, Timestamp } from './common.ts';

export const LoginRequest = z.strictObject({
  username: z.string().min(1).max(128),
  password: z.string().min(1).max(1024),
  otp: z
    .string()
    .min(6)
    .max(64)
    .optional()
    .describe('code of the app, or a recovery code, where the account has one'),
});
export const TokenResponse = z.object({ accessToken: z.string(), expiresIn: z.number().int() });

const RoleId = z.string().min(1).max(64).describe('one of GET /roles');

/** Whose rows a grant reaches: every agency's, the holder's own with or without those below it, or these. */
export const AgencyScope = z
  .union([z.enum(['all', 'self', 'self+subordinate']), z.array(AgencyId).min(1).max(500)])
  .meta({ id: 'AgencyScope' });
export type AgencyScope = z.infer<typeof AgencyScope>;

export const GrantDto = z
  .object({
    id: z.number().int(),
    role: z.string(),
    agencies: AgencyScope,
    areaIds: z.array(z.string()).nullable().describe('roots of the subtrees; null = everywhere'),
    domains: z.array(z.string()).nullable().describe('null = all domains'),
    maxClass: Class,
    validFrom: z.string().nullable(),
    validTo: z.string().nullable(),
  })
  .meta({ id: 'Grant' });
export type GrantDto = z.infer<typeof GrantDto>;

/** A grant as it is asked for. */
export const GrantInput = z.strictObject({
  role: RoleId,
  agencies: AgencyScope.default('all'),
  areaIds: z.array(z.string().max(64)).max(5000).nullable().default(null),
  domains: z.array(z.string().max(64)).max(500).nullable().default(null),
  maxClass: Class.default('internal'),
  validFrom: Timestamp.optional().describe('absent = at once'),
  validTo: Timestamp.optional().describe('it ends then by itself; absent = until it is taken back'),
});
export type GrantInput = z.output<typeof GrantInput>;

/** A role of `config/roles.yaml`. */
export const RoleDto = z
  .object({
    id: z.string(),
    nameVi: z.string(),
    nameEn: z.string(),
    permissions: z.array(z.enum(PERMISSIONS)),
    breakGlass: z.boolean().describe('its holders get other roles for hours only'),
  })
  .meta({ id: 'Role' });
export const Me = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    agencyId: z.string().nullable(),
    grants: z.array(GrantDto),
    permissions: z.array(z.enum(PERMISSIONS)).describe('empty as long as the session needs something'),
    needs: z
      .enum(SESSION_NEEDS)
      .nullable()
      .describe('what the session must do before it may do anything else'),
    lockAfterS: z.number().nullable().describe('seconds without an act after which the session locks'),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

/** A person signs in; a service is a machine that calls with API keys and has nothing to sign in with. */
const AccountKind = z.enum(['person', 'service']);

export const UserCreate = z.strictObject({
  username: z.string().regex(/^[a-z0-9._-]{2,64}$/),
  displayName: z.string().min(1).max(128),
  kind: AccountKind.default('person'),
  password: z.string().min(8).max(1024).optional().describe('absent = generated and returned once'),
  agencyId: AgencyId.optional().describe('the agency this person works for, of GET /agencies'),
  grants: z.array(GrantInput).min(1).max(50),
});
export const User = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    kind: AccountKind,
    agencyId: z.string().nullable(),
    status: z.enum(['active', 'locked', 'revoked']).describe('revoked = kept on record, never opened again'),
    grants: z.array(GrantDto),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** Answer of `POST /users`; `password` only when it was generated: it is shown this once. */
export const UserCreated = z.object({ ...User.shape, password: z.string().optional() });
export const UserPatch = z.strictObject({
  displayName: UserCreate.shape.displayName.optional(),
  status: z.enum(['active', 'locked']).optional(),
  agencyId: AgencyId.nullable().optional(),
  password: z.string().min(8).max(1024).optional().describe('ends every session of the account'),
  grants: UserCreate.shape.grants.optional().describe('replaces all grants'),
});
export const PasswordChange = z.strictObject({
  current: z.string().min(1).max(1024),
  next: z.string().min(8).max(1024),
});
