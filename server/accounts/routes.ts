import { z } from 'zod';
import { Me, RoleDto, User, UserCreate, UserCreated, UserPatch } from '../../core/api/auth.ts';
import { PageQuery, page } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, isLocal, SESSION_NEEDS } from '../../core/permissions.ts';
import type { RoleBook } from '../../core/roles.ts';
import { decodeCursor, encodeCursor, type Route, route } from '../http/index.ts';
import type { Users } from './service.ts';

const Id = z.object({ id: z.string().max(64) });

/** The account behind the token, and the accounts. */
export function accountRoutes({ users, roles }: { users: Users; roles: RoleBook }): Route[] {
  const roleList = [...roles.values()].map((role) => ({ ...role, permissions: [...role.permissions] }));
  return [
    route({
      method: 'get',
      path: '/me',
      summary: 'Who am I, and what may I do',
      tag: 'auth',
      access: 'authenticated',
      evenIf: SESSION_NEEDS,
      response: Me,
      handler: ({ caller }) => users.me(caller),
    }),
    route({
      method: 'get',
      path: '/roles',
      summary: 'The roles and what each allows',
      tag: 'access',
      access: 'authenticated',
      response: z.object({ items: z.array(RoleDto) }),
      handler: async () => ({ items: roleList }),
    }),
    route({
      method: 'get',
      path: '/users',
      summary: 'Accounts within my own grants',
      tag: 'users',
      access: 'users.read',
      query: PageQuery,
      response: page(User),
      async handler({ caller, query }) {
        const [after] = decodeCursor(query.cursor, ['string']) ?? [''];
        const { users: items, last } = await users.list(caller, String(after), query.limit);
        return { items, nextCursor: last === null ? null : encodeCursor([last]) };
      },
    }),
    route({
      method: 'post',
      path: '/users',
      audit: 'account.create',
      summary: 'Make an account, for the command line of the machine; people file a request',
      tag: 'users',
      access: 'users.write',
      stepUp: true,
      body: UserCreate,
      response: UserCreated,
      status: 201,
      async handler({ caller, body }) {
        needsRequest(caller);
        return users.create(body, caller);
      },
    }),
    route({
      method: 'patch',
      path: '/users/:id',
      audit: ['account.change', 'account.lock', 'account.unlock', 'account.grants', 'account.password_set'],
      summary: 'Rename, set a password; the machine itself also locks, unlocks and changes grants',
      tag: 'users',
      access: 'users.write',
      stepUp: true,
      params: Id,
      body: UserPatch,
      response: User,
      handler: ({ caller, params, body }) =>
        users.update(params.id, body, caller, () => {
          const { status, grants, agencyId } = body;
          if (status !== undefined || grants !== undefined || agencyId !== undefined) needsRequest(caller);
        }),
    }),
  ];
}

/** Who may see, lock and let in is decided on a written request; only who owns the machine needs none. */
function needsRequest(caller: Caller): void {
  if (!isLocal(caller))
    throw new AppError('account_request.required', { detail: 'file one at /account-requests' });
}
