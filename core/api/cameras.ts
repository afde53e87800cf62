import { z } from 'zod';
import { Position, Slug, Timestamp } from './common.ts';

export const CAMERA_STATES = ['unknown', 'online', 'degraded', 'offline', 'auth_failed', 'disabled'] as const;
export const CameraState = z.enum(CAMERA_STATES);
export type CameraState = z.infer<typeof CameraState>;

/** Where the picture comes from. A password goes in, and never comes out again. */
export const CameraSourceInput = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rtsp'),
    url: z
      .string()
      .min(8)
      .max(2000)
      .describe('rtsp://host[:port]/path; a credential in it is moved to the secret store'),
    username: z.string().max(128).optional(),
    password: z.string().max(256).optional(),
  }),
  z.object({
    kind: z.literal('file'),
    path: z.string().min(1).max(1000).describe('inside the media folder; played in a loop'),
  }),
  z.object({ kind: z.literal('test-pattern'), scene: z.string().max(64).default('road') }),
]);
export type CameraSourceInput = z.infer<typeof CameraSourceInput>;

export const CameraSource = z.object({
  kind: z.enum(['rtsp', 'file', 'test-pattern']),
  /** For rtsp: `rtsp://host:port/path` without any credential. */
  address: z.string(),
  hasCredential: z.boolean(),
});

export const Camera = z
  .object({
    id: Slug,
    name: z.string(),
    position: Position,
    headingDeg: z.number().nullable(),
    fovDeg: z.number().nullable(),
    rangeM: z.number().nullable(),
    areaId: z.string().nullable(),
    areaName: z.string().nullable(),
    domain: z.string().nullable(),
    ownerAgency: z.string().nullable(),
    source: CameraSource,
    enabled: z.boolean(),
    state: CameraState,
    stateSince: Timestamp.nullable(),
    stateReason: z.string().nullable(),
    lastFrameAt: Timestamp.nullable(),
  })
  .meta({ id: 'Camera' });
export type Camera = z.infer<typeof Camera>;

export const CameraCreate = z.object({
  id: Slug.optional(),
  name: z.string().min(1).max(200),
  position: Position,
  headingDeg: z.number().min(0).max(360).optional(),
  fovDeg: z.number().min(1).max(360).optional(),
  rangeM: z.number().min(1).max(50_000).optional(),
  domain: z.string().max(64).optional(),
  ownerAgency: z.string().max(200).optional(),
  source: CameraSourceInput,
});
export type CameraCreate = z.infer<typeof CameraCreate>;
export const CameraPatch = CameraCreate.omit({ id: true })
  .partial()
  .extend({ enabled: z.boolean().optional() });

export const PlayTicket = z.object({
  ticket: z.string(),
  flvUrl: z.string().describe('WebSocket path, FLV inside; opens once, within a minute'),
  hlsUrl: z.string().nullable(),
  snapshotUrl: z.string(),
  state: z.enum(['starting', 'ready']),
});
