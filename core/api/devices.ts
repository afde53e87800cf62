import { z } from 'zod';
import { AgencyId } from './agencies.ts';
import { BboxQuery, Class, PageQuery, Position, page, Slug, Timestamp } from './common.ts';

export const DEVICE_STATES = ['online', 'late', 'offline', 'never', 'disabled'] as const;

export const Device = z
  .object({
    id: Slug,
    site: Slug,
    name: z.string(),
    type: z.string().describe('one of GET /device-types'),
    domain: z.string().nullable(),
    position: Position.nullable(),
    areaId: z.string().nullable(),
    areaName: z.string().nullable(),
    ownerAgency: z.string().nullable(),
    agencyId: z.string().nullable().describe('the agency it belongs to, of GET /agencies'),
    class: Class,
    expectedIntervalS: z.number().nullable(),
    enabled: z.boolean(),
    state: z.enum(DEVICE_STATES),
    lastSeenAt: Timestamp.nullable(),
    properties: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof Device>;

export const DeviceCreate = z.strictObject({
  id: Slug.optional().describe('absent = made from the name'),
  site: Slug.default('main'),
  name: z.string().min(1).max(200),
  type: z.string().min(1).max(64),
  domain: z.string().max(64).optional(),
  position: Position.optional(),
  ownerAgency: z.string().max(200).optional(),
  agencyId: AgencyId.optional().describe('absent = the agency that ownerAgency names, if any'),
  class: Class.optional().describe('absent = internal'),
  expectedIntervalS: z.number().int().min(1).max(31_536_000).optional().describe('absent = the type’s'),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type DeviceCreate = z.infer<typeof DeviceCreate>;

/** Absent = unchanged, null = removed. */
export const DevicePatch = DeviceCreate.pick({ name: true, properties: true, class: true })
  .partial()
  .extend({
    domain: DeviceCreate.shape.domain.nullable(),
    position: Position.nullable().optional(),
    ownerAgency: DeviceCreate.shape.ownerAgency.nullable(),
    agencyId: AgencyId.nullable().optional(),
    expectedIntervalS: DeviceCreate.shape.expectedIntervalS.nullable().describe('null = the type’s'),
    enabled: z.boolean().optional(),
  });

export const DeviceQuery = z.object({
  ...PageQuery.shape,
  type: z.string().max(64).optional(),
  domain: z.string().max(64).optional(),
  area: z.string().max(64).optional().describe('with its subtree'),
  bbox: BboxQuery.optional(),
});

/** Shown once, at creation or renewal. */
export const DeviceCredential = z.object({
  username: z.string(),
  password: z.string(),
  topic: z.string().describe('where to publish readings'),
});
/** Absent body = the old credential ends at once. */
export const CredentialRenewal = z
  .strictObject({
    overlapHours: z
      .number()
      .int()
      .min(0)
      .max(720)
      .default(0)
      .describe('for so long the old password works beside the new one'),
  })
  .prefault({});

/** SHA-256 of a certificate; colons and capitals, as openssl prints them, are taken too. */
const Fingerprint = z
  .string()
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'));
/** Written out: a pattern would let one certificate stand for many devices. */
const Subject = z
  .string()
  .max(512)
  .regex(/^[^*\p{Cc}]+$/u, 'no wildcard and no control character')
  .regex(/(^|, )CN=[^,]+/, 'has a CN');
export const CertificateAdd = z.union([
  z.strictObject({ pem: z.string().max(16_384).describe('the certificate; its fingerprint is kept') }),
  z.strictObject({ fingerprint: Fingerprint }),
  z.strictObject({
    subject: Subject.describe('`CN=tram-01, O=…`: every certificate our authority gives to it'),
  }),
  z.strictObject({
    deny: Fingerprint.describe('refuse this certificate from now on, also under a known subject'),
  }),
]);
export const DeviceCertificate = z
  .object({
    id: z.string(),
    kind: z.enum(['fingerprint', 'subject']),
    value: z.string(),
    createdAt: z.string(),
    createdBy: z.string(),
    revokedAt: z.string().nullable(),
  })
  .meta({ id: 'DeviceCertificate' });
export const DeviceCertificateList = z.object({ items: z.array(DeviceCertificate) });

export const DeviceCreated = z.object({ ...Device.shape, credential: DeviceCredential });

/** Answer of `POST /devices/import`: one verdict per row of the table, in its order. */
export const DeviceImportReport = z
  .object({
    created: z.number().int(),
    updated: z.number().int(),
    unchanged: z.number().int(),
    rejected: z.number().int(),
    rows: z.array(
      z.object({
        line: z.number().int().describe('line of the file, the heading is 1'),
        id: z.string().nullable(),
        verdict: z.enum(['created', 'updated', 'unchanged', 'rejected']),
        reason: z.string().nullable(),
        /** Only of created devices, and only this once. */
        credential: DeviceCredential.nullable(),
      }),
    ),
  })
  .meta({ id: 'DeviceImportReport' });
export type DeviceImportReport = z.infer<typeof DeviceImportReport>;

export const DeviceImportQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('false').describe('true = say what would happen, change nothing'),
});

export const DeviceType = z
  .object({
    id: z.string(),
    vi: z.string(),
    en: z.string(),
    domain: z.string().nullable(),
    mobile: z.boolean(),
    quantities: z.array(z.string()).nullable().describe('null = whatever the device sends'),
    icon: z.string().describe('name of a Tabler outline icon'),
    expectedIntervalS: z.number(),
  })
  .meta({ id: 'DeviceType' });
export type DeviceType = z.infer<typeof DeviceType>;

export const Observation = z.object({
  time: Timestamp,
  quantity: z.string(),
  unit: z.string(),
  value: z.number(),
  quality: z.enum(['good', 'suspect', 'bad', 'calibrating', 'fault']),
});
export type Observation = z.infer<typeof Observation>;

export const ObservationBucket = z.object({
  time: Timestamp.describe('start of the bucket'),
  quantity: z.string(),
  unit: z.string(),
  count: z.number().int(),
  valid: z.number().int(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  avg: z.number().nullable(),
  last: z.number().nullable(),
  completeness: z.number().nullable().describe('count ÷ expected, 0…1; null when the interval is unknown'),
});
export type ObservationBucket = z.infer<typeof ObservationBucket>;

export const ObservationQuery = z.object({
  quantity: z.string().max(64).optional(),
  from: Timestamp.optional().describe('absent = 24 h before `to`'),
  to: Timestamp.optional().describe('absent = now; exclusive'),
  bucket: z
    .string()
    .regex(/^[1-9]\d{0,3}(s|m|h|d)$/)
    .optional()
    .describe('width such as `1m`, `1h`, `1d`; days begin at midnight of the centre'),
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .describe('single values by time; absent = oldest first when `from` is given, else newest first'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  cursor: z.string().max(200).optional(),
});
export const ObservationPage = page(z.union([Observation, ObservationBucket]));

export const LatestQuery = z.object({
  ...PageQuery.shape,
  bbox: BboxQuery.optional(),
  quantity: z.string().max(64).optional(),
  area: z.string().max(64).optional().describe('with its subtree'),
  device: z.string().max(64).optional(),
});

export const LatestValue = z
  .object({
    deviceId: z.string(),
    deviceName: z.string(),
    deviceType: z.string(),
    domain: z.string().nullable(),
    quantity: z.string(),
    unit: z.string(),
    time: Timestamp,
    value: z.number(),
    quality: Observation.shape.quality,
    position: Position.nullable(),
    areaId: z.string().nullable(),
  })
  .meta({ id: 'LatestValue' });
export type LatestValue = z.infer<typeof LatestValue>;

export const QuarantineItem = z
  .object({
    id: z.number().int(),
    receivedAt: Timestamp,
    source: z.enum(['mqtt', 'http', 'file']),
    deviceId: z.string().nullable(),
    topic: z.string().nullable(),
    code: z.string(),
    reason: z.string(),
    payload: z
      .string()
      .nullable()
      .describe('as text, at most 64 KiB, in lists 2 KiB; null when refused unread'),
    payloadBytes: z.number().int(),
    replayedAt: Timestamp.nullable(),
    replayResult: z.string().nullable(),
  })
  .meta({ id: 'QuarantineItem' });
export type QuarantineItem = z.infer<typeof QuarantineItem>;
