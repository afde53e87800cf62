import { z } from 'zod';
import { ApiKeyCreate, ApiKeyCreated, ApiKeyList } from '../../core/api/sign-in.ts';
import { type Route, route } from '../http/index.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Users } from './service.ts';

const Id = z.object({ id: z.string().max(64) });
const KeyId = z.object({ id: z.string().max(64), key: z.string().max(64) });
const tag = 'users';

/** Keys of machines' accounts, and what an administrator does for somebody who has lost a second factor. */
export function keyRoutes({ apiKeys, users }: { apiKeys: ApiKeys; users: Users }): Route[] {
  return [
    route({
      method: 'get',
      path: '/users/:id/keys',
      summary: 'API keys of a service account, without their secrets',
      tag,
      access: 'users.read',
      params: Id,
      response: ApiKeyList,
      handler: async ({ caller, params }) => ({ items: await apiKeys.list(params.id, caller) }),
    }),
    route({
      method: 'post',
      path: '/users/:id/keys',
      audit: 'key.create',
      summary: 'A new API key for a service account; it is shown this once',
      tag,
      access: 'users.write',
      stepUp: true,
      params: Id,
      body: ApiKeyCreate,
      status: 201,
      response: ApiKeyCreated,
      handler: ({ caller, params, body }) => apiKeys.create(params.id, body, caller),
    }),
    route({
      method: 'delete',
      path: '/users/:id/keys/:key',
      audit: 'key.revoke',
      summary: 'End an API key at once; its sockets close',
      tag,
      access: 'users.write',
      params: KeyId,
      response: null,
      handler: ({ caller, params }) => apiKeys.revoke(params.id, params.key, caller),
    }),
    route({
      method: 'delete',
      path: '/users/:id/second-factors',
      audit: 'account.factors_reset',
      summary: 'Take away every second factor of somebody who has lost theirs; their sessions end',
      tag,
      access: 'users.write',
      stepUp: true,
      params: Id,
      response: null,
      handler: ({ caller, params }) => users.resetFactors(params.id, caller),
    }),
  ];
}
