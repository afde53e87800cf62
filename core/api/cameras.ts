import { z } from 'zod';
import { AgencyId } from './agencies.ts';
import { BboxQuery, Class, PageQuery, Position, Slug, Timestamp } from './common.ts';

export const CAMERA_STATES = ['unknown', 'online', 'degraded', 'offline', 'auth_failed', 'disabled'] as const;
export const CameraState = z.enum(CAMERA_STATES);
export type CameraState = z.infer<typeof CameraState>;

/** Where the picture comes from. A password goes in, and never comes out again. */
export const CameraSourceInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rtsp'),
    url: z
      .string()
      .min(8)
      .max(2000)
      .describe('rtsp://host[:port]/path; a credential in it is moved to the secret store'),
    username: z.string().max(128).optional(),
    password: z.string().max(256).optional(),
  }),
  z.strictObject({
    kind: z.literal('file'),
    path: z.string().min(1).max(1000).describe('inside the media folder; played in a loop'),
  }),
  z.strictObject({ kind: z.literal('test-pattern'), scene: z.string().max(64).default('road') }),
]);
export type CameraSourceInput = z.infer<typeof CameraSourceInput>;

export const CameraSource = z.object({
  kind: z.enum(['rtsp', 'file', 'test-pattern']),
  /** For rtsp: `rtsp://host:port/path` without any credential. */
  address: z.string(),
  hasCredential: z.boolean(),
});
export type CameraSource = z.infer<typeof CameraSource>;

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
    agencyId: z.string().nullable().describe('the agency it belongs to, of GET /agencies'),
    class: Class,
    source: CameraSource,
    enabled: z.boolean(),
    state: CameraState,
    stateSince: Timestamp.nullable(),
    stateReason: z.string().nullable(),
    lastFrameAt: Timestamp.nullable(),
  })
  .meta({ id: 'Camera' });
export type Camera = z.infer<typeof Camera>;

export const CameraCreate = z.strictObject({
  id: Slug.optional(),
  name: z.string().min(1).max(200),
  position: Position,
  headingDeg: z.number().min(0).max(360).optional(),
  fovDeg: z.number().min(1).max(360).optional(),
  rangeM: z.number().min(1).max(50_000).optional(),
  domain: z.string().max(64).optional(),
  ownerAgency: z.string().max(200).optional(),
  agencyId: AgencyId.optional().describe('absent = the agency that ownerAgency names, if any'),
  class: Class.optional().describe('absent = internal'),
  source: CameraSourceInput,
});
export type CameraCreate = z.infer<typeof CameraCreate>;
/** Absent = unchanged, null = removed. A new address without a credential loses the old one. */
export const CameraPatch = CameraCreate.pick({ name: true, position: true, source: true }).partial().extend({
  headingDeg: CameraCreate.shape.headingDeg.nullable(),
  fovDeg: CameraCreate.shape.fovDeg.nullable(),
  rangeM: CameraCreate.shape.rangeM.nullable(),
  domain: CameraCreate.shape.domain.nullable(),
  ownerAgency: CameraCreate.shape.ownerAgency.nullable(),
  agencyId: AgencyId.nullable().optional(),
  class: CameraCreate.shape.class,
  enabled: z.boolean().optional(),
});

export const CameraQuery = z.object({
  ...PageQuery.shape,
  area: z.string().max(64).optional().describe('with its subtree'),
  domain: z.string().max(64).optional(),
  bbox: BboxQuery.optional(),
  sees: z
    .string()
    .transform((text, ctx) => {
      const result = Position.safeParse(text.split(',').map(Number));
      if (result.success && text.trim() !== '') return result.data;
      ctx.addIssue({ code: 'custom', message: 'sees is lon,lat in degrees' });
      return z.NEVER;
    })
    .optional()
    .meta({ description: 'lon,lat: cameras that see this place, the nearest first', example: '105.15,9.18' }),
});

export const SnapshotQuery = z.object({
  width: z.enum(['320', '640', '1280', 'orig']).default('640'),
  maxAgeS: z.coerce.number().min(0).max(3600).default(5).describe('a picture of this age is new enough'),
});

export const PlayTicket = z.object({
  ticket: z.string(),
  flvUrl: z.string().describe('WebSocket path, FLV inside; opens once, within a minute'),
  hlsUrl: z.string().nullable(),
  snapshotUrl: z.string(),
  state: z.enum(['starting', 'ready']),
});
