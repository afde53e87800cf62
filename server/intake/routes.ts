import { z } from 'zod';
import { page } from '../../core/api/common.ts';
import { QuarantineItem } from '../../core/api/devices.ts';
import {
  IngestReceipt,
  QuarantineQuery,
  QuarantineReplay,
  QuarantineReplayed,
} from '../../core/api/intake.ts';
import { AppError } from '../../core/errors.ts';
import { decodeCursor, encodeCursor, type Route, route } from '../http/index.ts';
import type { IntakeService } from './service.ts';

const Id = z.object({ id: z.coerce.number().int().positive() });
const tag = 'quarantine';

export function intakeRoutes(service: IntakeService): Route[] {
  return [
    route({
      method: 'post',
      path: '/ingest/:device',
      summary: 'A message of a device, as over MQTT; answered when everything in it is committed',
      tag: 'ingest',
      access: 'device',
      rawBody: true,
      params: z.object({ device: z.string().max(64) }),
      response: IngestReceipt,
      async handler({ params, caller, req }) {
        // The identity is the credential's; the path may only agree with it.
        if (params.device !== caller.deviceId) {
          throw new AppError('auth.forbidden', { detail: 'the credential belongs to another device' });
        }
        const body: unknown = req.body;
        return await service.receive(caller.deviceId, Buffer.isBuffer(body) ? body : Buffer.alloc(0));
      },
    }),
    route({
      method: 'get',
      path: '/quarantine',
      summary: 'Messages, and parts of messages, that could not be stored; the newest first',
      tag,
      access: 'quarantine.read',
      query: QuarantineQuery,
      response: page(QuarantineItem),
      async handler({ caller, query }) {
        const { limit, cursor, device, code } = query;
        const [before] = decodeCursor(cursor, ['number']) ?? [];
        const after = typeof before === 'number' ? { before } : {};
        const items = await service.list(caller, { limit, device, code, ...after });
        const last = items.length === limit ? items.at(-1) : undefined;
        return { items, nextCursor: last ? encodeCursor([last.id]) : null };
      },
    }),
    route({
      method: 'get',
      path: '/quarantine/:id',
      audit: 'quarantine.read',
      summary: 'One of them, with its payload',
      tag,
      access: 'quarantine.read',
      params: Id,
      response: QuarantineItem,
      handler: ({ caller, params }) => service.get(caller, params.id),
    }),
    route({
      method: 'post',
      path: '/quarantine/replay',
      audit: 'quarantine.replay',
      summary: 'Put messages through the pipeline again, as of their first arrival',
      tag,
      access: 'quarantine.replay',
      body: QuarantineReplay,
      response: QuarantineReplayed,
      handler: ({ caller, body }) => service.replay(caller, body),
    }),
    route({
      method: 'post',
      path: '/quarantine/:id/replay',
      audit: 'quarantine.replay',
      summary: 'Put one message through the pipeline again, as of its first arrival',
      tag,
      access: 'quarantine.replay',
      params: Id,
      response: QuarantineItem,
      handler: ({ caller, params }) => service.replayOne(caller, params.id),
    }),
  ];
}
