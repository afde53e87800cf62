import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { z } from 'zod';
import { scopeOfAlert } from '../../core/alert-mask.ts';
import {
  Alert,
  AlertAction,
  AlertComment,
  AlertCounts,
  AlertDetail,
  AlertFigures,
  AlertHistogram,
  AlertQuery,
  AlertShelve,
} from '../../core/api/alerts.ts';
import { page } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import type { AuditTrail, Database } from '../../core/ports.ts';
import { answerFile, type Route, route } from '../http/index.ts';
import type { AlertService } from './service.ts';
import * as q from './sql.ts';

const Id = z.object({ id: z.coerce.number().int().positive() });
const tag = 'alerts';
/** Somebody who looks at one picture again and again leaves one entry and one with their number. */
const LOOK_MS = 10 * 60_000;

export function alertRoutes(deps: {
  service: AlertService;
  database: Database;
  mediaDir: string;
  audit: AuditTrail;
}): Route[] {
  const { service, database, mediaDir, audit } = deps;
  return [
    route({
      method: 'get',
      path: '/alerts',
      summary: 'Alerts, the latest first',
      tag,
      access: 'alerts.read',
      query: AlertQuery,
      response: page(Alert),
      handler: ({ caller, query }) => service.list(caller, query),
    }),
    route({
      method: 'get',
      path: '/alerts/counts',
      summary: 'How many alerts are open, by severity and state',
      tag,
      access: 'alerts.read',
      response: AlertCounts,
      handler: ({ caller }) => service.counts(caller),
    }),
    route({
      method: 'get',
      path: '/alerts/histogram',
      summary: 'Alerts raised per hour and severity',
      tag,
      access: 'alerts.read',
      query: z.object({ hours: z.coerce.number().int().min(1).max(720).default(24) }),
      response: AlertHistogram,
      handler: ({ caller, query }) => service.histogram(caller, query.hours),
    }),
    route({
      method: 'get',
      path: '/alerts/figures',
      summary: 'How the alarms behave: rate, floods, chatter, the worst ten, time to acknowledge',
      tag,
      access: 'alerts.read',
      query: z.object({ hours: z.coerce.number().int().min(1).max(720).default(24) }),
      response: AlertFigures,
      handler: ({ caller, query }) => service.figures(caller, query.hours),
    }),
    route({
      method: 'get',
      path: '/alerts/:id',
      summary: 'One alert with its history',
      tag,
      access: 'alerts.read',
      params: Id,
      response: AlertDetail,
      handler: ({ caller, params }) => service.detail(caller, params.id),
    }),
    route({
      method: 'post',
      path: '/alerts/:id/acknowledge',
      audit: 'alert.acknowledge',
      summary: 'Acknowledge: somebody has seen it',
      tag,
      access: 'alerts.operate',
      params: Id,
      body: AlertAction,
      response: Alert,
      handler: ({ caller, params, body }) => service.act(caller, params.id, 'acknowledged', body),
    }),
    route({
      method: 'post',
      path: '/alerts/:id/resolve',
      audit: 'alert.resolve',
      summary: 'Resolve; needs a text while the condition still holds',
      tag,
      access: 'alerts.operate',
      params: Id,
      body: AlertAction,
      response: Alert,
      handler: ({ caller, params, body }) => service.act(caller, params.id, 'resolved', body),
    }),
    route({
      method: 'post',
      path: '/alerts/:id/shelve',
      audit: 'alert.shelve',
      summary: 'Keep the alarm out of the lists for a time, with a reason',
      tag,
      access: 'alerts.operate',
      params: Id,
      body: AlertShelve,
      response: Alert,
      handler: ({ caller, params, body }) => service.shelve(caller, params.id, body),
    }),
    route({
      method: 'post',
      path: '/alerts/:id/unshelve',
      audit: 'alert.unshelve',
      summary: 'Take the alarm off the shelf',
      tag,
      access: 'alerts.operate',
      params: Id,
      response: Alert,
      handler: ({ caller, params }) => service.unshelve(caller, params.id),
    }),
    route({
      method: 'post',
      path: '/alerts/:id/comment',
      audit: 'alert.comment',
      summary: 'Add a remark to the history',
      tag,
      access: 'alerts.operate',
      params: Id,
      body: AlertComment,
      response: Alert,
      handler: ({ caller, params, body }) => service.act(caller, params.id, 'commented', body),
    }),
    route({
      method: 'get',
      path: '/alerts/:id/snapshot',
      audit: 'alert.snapshot',
      summary: 'The latest stored picture of the alert’s place (JPEG)',
      tag,
      access: 'alerts.read',
      params: Id,
      response: null,
      async handler({ caller, params, req, res }) {
        // Whoever may not see the alert, or not the camera, gets the same answer as when there is no picture.
        const alert = await service.inScope(caller, params.id);
        if (alert.snapshot === null) throw new AppError('request.not_found');
        const seen = database.as(caller, 'cameras.read');
        const [row] = await seen.query<q.SnapshotRow>(q.latestSnapshot(params.id));
        if (!row) throw new AppError('request.not_found');
        const etag = `"${row.sha256}"`;
        res.setHeader('ETag', etag);
        res.setHeader('Cache-Control', 'private, max-age=60');
        if (req.headers['if-none-match'] === etag) {
          res.status(304).end();
          return;
        }
        const jpeg = await readInside(mediaDir, row.file);
        await audit.note(
          {
            by: caller,
            action: 'alert.snapshot',
            object: { type: 'alert', id: String(alert.id), name: alert.title },
            place: scopeOfAlert(alert),
            after: { file: row.file, takenAt: row.taken_at },
          },
          {
            must: alert.class === 'restricted',
            fold: { key: `${caller.sessionId} ${row.sha256}`, windowMs: LOOK_MS },
          },
        );
        answerFile(res, 'image/jpeg', `alert-${alert.id}.jpg`);
        res.setHeader('Last-Modified', row.taken_at.toUTCString());
        res.end(jpeg);
      },
    }),
  ];
}

/** Names in the table are made by us; should one ever point out of the folder, it is not read. */
async function readInside(folder: string, file: string): Promise<Buffer> {
  const path = resolve(folder, file);
  if (!path.startsWith(resolve(folder) + sep)) throw new AppError('request.not_found');
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new AppError('request.not_found', { detail: 'the stored picture is gone', cause: error });
  }
}
