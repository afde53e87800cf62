import { z } from 'zod';
import { PERMISSIONS, ROLES } from '../permissions.ts';

export const LoginRequest = z.strictObject({
  username: z.string().min(1).max(128),
  password: z.string().min(1).max(1024),
  otp: z.string().max(16).optional(),
});
export const TokenResponse = z.object({ accessToken: z.string(), expiresIn: z.number().int() });

export const GrantDto = z.object({
  role: z.enum(ROLES),
  areaIds: z.array(z.string()).nullable().describe('roots of the subtrees; null = everywhere'),
  domains: z.array(z.string()).nullable().describe('null = all domains'),
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
});
export const Me = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    grants: z.array(GrantDto),
    permissions: z.array(z.enum(PERMISSIONS)),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const UserCreate = z.strictObject({
  username: z.string().regex(/^[a-z0-9._-]{2,64}$/),
  displayName: z.string().min(1).max(128),
  password: z.string().min(12).max(1024).optional().describe('absent = generated and returned once'),
  grants: z
    .array(
      z.strictObject({
        role: z.enum(ROLES),
        areaIds: z.array(z.string()).nullable().default(null),
        domains: z.array(z.string()).nullable().default(null),
      }),
    )
    .min(1),
});
export const User = z
  .object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    status: z.enum(['active', 'locked']),
    grants: z.array(GrantDto),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** Answer of `POST /users`; `password` only when it was generated: it is shown this once. */
export const UserCreated = z.object({ ...User.shape, password: z.string().optional() });
export const UserPatch = z.strictObject({
  displayName: UserCreate.shape.displayName.optional(),
  status: User.shape.status.optional(),
  password: z.string().min(12).max(1024).optional().describe('ends every session of the account'),
  grants: UserCreate.shape.grants.optional().describe('replaces all grants'),
});
export const PasswordChange = z.strictObject({
  current: z.string().min(1).max(1024),
  next: z.string().min(12).max(1024),
});
