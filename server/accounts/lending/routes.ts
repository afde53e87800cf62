import { z } from 'zod';
import {
  Colleague,
  ColleagueQuery,
  Delegation,
  DelegationCreate,
  DelegationEnd,
  DelegationQuery,
} from '../../../core/api/delegations.ts';
import { AppError } from '../../../core/errors.ts';
import { can } from '../../../core/permissions.ts';
import { type Route, route } from '../../http/index.ts';
import type { Lending } from './service.ts';

const Id = z.object({ id: z.coerce.number().int().positive() });
const tag = 'access';

export function lendingRoutes(lending: Lending): Route[] {
  return [
    route({
      method: 'get',
      path: '/delegations',
      summary: 'Powers that I lent or borrowed, the latest first',
      tag,
      access: 'authenticated',
      query: DelegationQuery,
      response: z.object({ items: z.array(Delegation) }),
      handler: async ({ caller, query }) => ({ items: await lending.list(caller, query.state === 'all') }),
    }),
    route({
      method: 'post',
      path: '/delegations',
      summary: 'Lend part of one of my grants for a time; it ends by itself',
      tag,
      access: 'authenticated',
      audit: ['delegation.lend', 'breakglass.open'],
      body: DelegationCreate,
      response: Delegation,
      status: 201,
      async handler({ caller, body }) {
        if (!can(caller, body.kind === 'break_glass' ? 'breakglass.open' : 'delegations.lend'))
          throw new AppError('auth.forbidden');
        return lending.lend(caller, body);
      },
    }),
    route({
      method: 'post',
      path: '/delegations/:id/end',
      summary: 'Take powers back, or give them back, before their time',
      tag,
      access: 'authenticated',
      audit: 'delegation.end',
      params: Id,
      body: DelegationEnd,
      response: Delegation,
      handler: ({ caller, params, body }) => lending.end(caller, params.id, body.reason),
    }),
    route({
      method: 'get',
      path: '/delegations/colleagues',
      summary: 'People to whom powers can be lent, by a part of the name',
      tag,
      access: 'authenticated',
      query: ColleagueQuery,
      response: z.object({ items: z.array(Colleague) }),
      async handler({ caller, query }) {
        if (!can(caller, 'delegations.lend') && !can(caller, 'breakglass.open'))
          throw new AppError('auth.forbidden');
        return { items: await lending.colleagues(caller, query.q) };
      },
    }),
  ];
}
