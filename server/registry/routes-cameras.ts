import { z } from 'zod';
import type { Camera as CameraDto } from '../../core/api/cameras.ts';
import {
  Camera,
  CameraCreate,
  CameraPatch,
  CameraQuery,
  PlayTicket,
  SnapshotQuery,
} from '../../core/api/cameras.ts';
import { page } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditTrail, CameraMedia } from '../../core/ports.ts';
import { API_PREFIX, answerFile, decodeCursor, encodeCursor, type Route, route } from '../http/index.ts';
import type { CameraService } from './cameras.ts';

const Id = z.object({ id: z.string().max(64) });
const WIDTHS = { '320': 320, '640': 640, '1280': 1280, orig: 'orig' } as const;

/** Somebody who refreshes a picture again and again leaves one entry and one with their number. */
const LOOK_MS = 10 * 60_000;

export function cameraRoutes(
  cameras: CameraService,
  media: () => CameraMedia | undefined,
  audit: AuditTrail,
): Route[] {
  const look = (caller: Caller, camera: CameraDto) => ({
    by: caller,
    object: { type: 'camera' as const, id: camera.id, name: camera.name },
    place: { areaId: camera.areaId, domain: camera.domain, agencyId: camera.agencyId, class: camera.class },
  });
  const plane = () => {
    const found = media();
    if (!found) throw new AppError('camera.media_off');
    return found;
  };
  return [
    route({
      method: 'get',
      path: '/cameras',
      summary: 'Cameras, by id; with `sees` those that see a place, the nearest first',
      tag: 'cameras',
      access: 'cameras.read',
      query: CameraQuery,
      response: page(Camera),
      async handler({ caller, query }) {
        const [after] = decodeCursor(query.cursor, ['string']) ?? [''];
        const { items, more } = await cameras.list(caller, query, String(after));
        return { items, nextCursor: more ? encodeCursor([items.at(-1)?.id ?? '']) : null };
      },
    }),
    route({
      method: 'post',
      path: '/cameras',
      audit: 'camera.create',
      summary: 'Register a camera; its password is kept sealed and never shown again',
      tag: 'cameras',
      access: 'cameras.write',
      body: CameraCreate,
      response: Camera,
      status: 201,
      handler: ({ caller, body }) => cameras.create(body, caller),
    }),
    route({
      method: 'get',
      path: '/cameras/:id',
      summary: 'One camera',
      tag: 'cameras',
      access: 'cameras.read',
      params: Id,
      response: Camera,
      handler: ({ caller, params }) => cameras.get(caller, params.id),
    }),
    route({
      method: 'patch',
      path: '/cameras/:id',
      audit: 'camera.change',
      summary: 'Change a camera, or switch it off and on',
      tag: 'cameras',
      access: 'cameras.write',
      params: Id,
      body: CameraPatch,
      response: Camera,
      handler: ({ caller, params, body }) => cameras.update(params.id, body, caller),
    }),
    route({
      method: 'post',
      path: '/cameras/:id/play',
      audit: ['camera.view_start', 'camera.view_end'],
      summary: 'A ticket for the live picture; opens once, within a minute',
      tag: 'cameras',
      access: 'cameras.play',
      params: Id,
      response: PlayTicket,
      async handler({ caller, params, res }) {
        const camera = await cameras.get(caller, params.id, 'cameras.play');
        const viewing = look(caller, camera);
        const { ticket, flvUrl, state } = plane().play(camera.id, caller, ({ openedAtMs, closedAtMs }) => {
          const from = new Date(openedAtMs).toISOString();
          const after = { from, seconds: Math.round((closedAtMs - openedAtMs) / 1000) };
          void audit.note({ ...viewing, action: 'camera.view_end', after });
        });
        // Nobody gets a ticket whose use would not be known.
        await audit.note({ ...viewing, action: 'camera.view_start' }, { must: true });
        res.setHeader('Cache-Control', 'no-store');
        return {
          ticket,
          flvUrl,
          hlsUrl: null,
          snapshotUrl: `${API_PREFIX}/cameras/${camera.id}/snapshot`,
          state,
        };
      },
    }),
    route({
      method: 'get',
      path: '/cameras/:id/snapshot',
      audit: 'camera.snapshot',
      summary: 'A still picture (JPEG); an older one when the camera gives no new one, with its age',
      tag: 'cameras',
      access: 'cameras.play',
      params: Id,
      query: SnapshotQuery,
      response: null,
      async handler({ caller, params, query, res }) {
        const camera = await cameras.get(caller, params.id, 'cameras.play');
        const picture = await plane().snapshot(camera.id, {
          width: WIDTHS[query.width],
          maxAgeMs: query.maxAgeS * 1000,
        });
        await audit.note(
          {
            ...look(caller, camera),
            action: 'camera.snapshot',
            after: { takenAt: new Date(picture.takenAtMs).toISOString() },
          },
          {
            must: camera.class === 'restricted',
            fold: { key: `${caller.sessionId} ${camera.id}`, windowMs: LOOK_MS },
          },
        );
        answerFile(res, 'image/jpeg', `${camera.id}.jpg`);
        res.setHeader('Cache-Control', 'private, no-cache');
        res.setHeader('Last-Modified', new Date(picture.takenAtMs).toUTCString());
        res.setHeader('Age', String(Math.floor(picture.ageMs / 1000)));
        res.setHeader('X-Taken-At', new Date(picture.takenAtMs).toISOString());
        if (picture.staleReason !== undefined) res.setHeader('X-Stale-Reason', picture.staleReason);
        res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
        res.end(Buffer.from(picture.jpeg));
      },
    }),
  ];
}
