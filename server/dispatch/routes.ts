import { z } from 'zod';
import { PageQuery, page } from '../../core/api/common.ts';
import {
  Dispatch,
  DispatchCreate,
  DispatchPatch,
  Recommendations,
  Unit,
  UnitCreate,
  UnitStatus,
  UnitStatusPatch,
} from '../../core/api/dispatch.ts';
import { type Route, route } from '../http/index.ts';
import type { DispatchService } from './dispatches.ts';
import type { UnitService } from './units.ts';

const NumberId = z.object({ id: z.coerce.number().int().positive() });
const UnitId = z.object({ id: z.string().min(1).max(64) });
const tag = 'dispatch';

export function dispatchRoutes(units: UnitService, dispatches: DispatchService): Route[] {
  return [
    route({
      method: 'get',
      path: '/units',
      summary: 'Units with their status and last position',
      tag,
      access: 'units.read',
      query: z.object({
        ...PageQuery.shape,
        status: UnitStatus.optional(),
        kind: z.string().max(64).optional(),
      }),
      response: page(Unit),
      handler: ({ caller, query }) => units.list(caller, query),
    }),
    route({
      method: 'post',
      path: '/units',
      audit: 'unit.create',
      summary: 'Register a unit',
      tag,
      access: 'units.write',
      body: UnitCreate,
      status: 201,
      response: Unit,
      handler: ({ caller, body }) => units.create(caller, body),
    }),
    route({
      method: 'get',
      path: '/units/:id',
      summary: 'One unit',
      tag,
      access: 'units.read',
      params: UnitId,
      response: Unit,
      handler: ({ caller, params }) => units.get(caller, params.id),
    }),
    route({
      method: 'patch',
      path: '/units/:id/status',
      audit: 'unit.status',
      summary: 'Take a unit out of service or bring it back',
      tag,
      access: 'dispatch.operate',
      params: UnitId,
      body: UnitStatusPatch,
      response: Unit,
      handler: ({ caller, params, body }) => units.setStatus(caller, params.id, body),
    }),
    route({
      method: 'get',
      path: '/alerts/:id/recommendations',
      summary: 'The nearest free suitable units, and why not the others',
      tag,
      access: 'units.read',
      params: NumberId,
      response: Recommendations,
      handler: ({ caller, params }) => dispatches.recommendations(caller, params.id),
    }),
    route({
      method: 'get',
      path: '/dispatches',
      summary: 'Dispatches, the latest first',
      tag,
      access: 'units.read',
      query: z.object({
        ...PageQuery.shape,
        alertId: z.coerce.number().int().positive().optional(),
        active: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional(),
      }),
      response: page(Dispatch),
      handler: ({ caller, query }) => dispatches.list(caller, query),
    }),
    route({
      method: 'post',
      path: '/dispatches',
      audit: 'dispatch.create',
      summary: 'Send a unit to an alert',
      tag,
      access: 'dispatch.operate',
      body: DispatchCreate,
      status: 201,
      response: Dispatch,
      handler: ({ caller, body }) => dispatches.create(caller, body),
    }),
    route({
      method: 'patch',
      path: '/dispatches/:id',
      audit: 'dispatch.step',
      summary: 'The next step of a dispatch',
      tag,
      access: 'dispatch.operate',
      params: NumberId,
      body: DispatchPatch,
      response: Dispatch,
      handler: ({ caller, params, body }) => dispatches.move(caller, params.id, body),
    }),
  ];
}
