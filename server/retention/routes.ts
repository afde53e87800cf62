import { z } from 'zod';
import { LegalHold, LegalHoldCreate, LegalHoldReleaseRequest, Retention } from '../../core/api/retention.ts';
import { type Route, route } from '../http/index.ts';
import type { RetentionService } from './service.ts';

const IdParam = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

export function retentionRoutes(service: RetentionService): Route[] {
  return [
    route({
      method: 'get',
      path: '/retention',
      summary: 'How long each kind of data is kept, and what the last round removed',
      tag: 'system',
      access: 'system.read',
      response: z.object({ items: z.array(Retention) }),
      handler: () => service.retention(),
    }),
    route({
      method: 'get',
      path: '/legal-holds',
      summary: 'What may not be deleted; the last 500, those in force first',
      tag: 'system',
      access: 'holds.read',
      response: z.object({ items: z.array(LegalHold) }),
      handler: ({ caller }) => service.holds(caller),
    }),
    route({
      method: 'post',
      path: '/legal-holds',
      audit: 'hold.place',
      summary: 'Keep the data of some devices, or of all, in a time, whatever retention says',
      tag: 'system',
      access: 'holds.write',
      body: LegalHoldCreate,
      response: LegalHold,
      status: 201,
      handler: ({ caller, body }) => service.place(caller, body),
    }),
    route({
      method: 'post',
      path: '/legal-holds/:id/release-request',
      audit: 'hold.ask_release',
      summary: 'Ask that a hold be released; somebody else has to agree',
      tag: 'system',
      access: 'holds.write',
      params: IdParam,
      body: LegalHoldReleaseRequest,
      response: LegalHold,
      handler: ({ caller, params, body }) => service.askRelease(caller, params.id, body),
    }),
    route({
      method: 'post',
      path: '/legal-holds/:id/release',
      audit: 'hold.release',
      summary: 'Agree to the release that somebody else asked for',
      tag: 'system',
      access: 'holds.write',
      params: IdParam,
      response: LegalHold,
      handler: ({ caller, params }) => service.release(caller, params.id),
    }),
  ];
}
