import { z } from 'zod';
import { PERMISSIONS, type Permission } from './permissions.ts';

/**
 * The roles and the permission matrix as data: `config/roles.yaml`. A role names whole sets of permissions and single
 * ones; `all` is for the administrator, who gets every permission that any later version brings.
 */
const Id = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'small letters, digits and _, at most 64');
const Name = z.string().min(1).max(120);
const Permissions = z.array(z.enum(PERMISSIONS));

const RoleEntry = z.strictObject({
  id: Id,
  nameVi: Name,
  nameEn: Name,
  all: z.literal(true).optional().describe('every permission there is'),
  sets: z.array(Id).default([]),
  permissions: Permissions.default([]),
  breakGlass: z
    .boolean()
    .default(false)
    .describe(
      'whoever holds it gets powers over data only for hours, see `access.breakGlassHours` of the profile',
    ),
});

export const RolesFile = z
  .strictObject({
    schemaVersion: z.literal(1),
    sets: z.record(Id, Permissions).default({}),
    roles: z.array(RoleEntry).min(1),
  })
  .superRefine((file, ctx) => {
    const seen = new Set<string>();
    for (const [i, role] of file.roles.entries()) {
      if (seen.has(role.id))
        ctx.addIssue({ code: 'custom', path: ['roles', i, 'id'], message: `"${role.id}" is there twice` });
      seen.add(role.id);
      for (const [j, set] of role.sets.entries())
        if (!Object.hasOwn(file.sets, set))
          ctx.addIssue({ code: 'custom', path: ['roles', i, 'sets', j], message: `no set "${set}"` });
    }
    // The first account, the local operator and the last one who can let others in hold it.
    if (!file.roles.some((role) => role.id === ADMIN_ROLE && role.all))
      ctx.addIssue({
        code: 'custom',
        path: ['roles'],
        message: `"${ADMIN_ROLE}" with all permissions is missing`,
      });
  });
export type RolesFile = z.output<typeof RolesFile>;

/** The one role the product itself knows by name. */
export const ADMIN_ROLE = 'admin';

export interface Role {
  id: string;
  nameVi: string;
  nameEn: string;
  permissions: ReadonlySet<Permission>;
  breakGlass: boolean;
}

/** Every role by its id, in the order of the file. */
export type RoleBook = ReadonlyMap<string, Role>;

export function roleBookOf(file: RolesFile): RoleBook {
  return new Map(
    file.roles.map((role) => {
      const permissions = new Set<Permission>(
        role.all ? PERMISSIONS : [...role.sets.flatMap((set) => file.sets[set] ?? []), ...role.permissions],
      );
      const { id, nameVi, nameEn, breakGlass } = role;
      return [id, { id, nameVi, nameEn, breakGlass, permissions }];
    }),
  );
}
