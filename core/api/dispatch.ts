import { z } from 'zod';
import { AgencyId } from './agencies.ts';
import { Bilingual, Class, Position, Slug, Timestamp } from './common.ts';

export const UNIT_STATUSES = ['available', 'assigned', 'en_route', 'on_scene', 'out_of_service'] as const;
export const UnitStatus = z.enum(UNIT_STATUSES);
export type UnitStatus = z.infer<typeof UnitStatus>;

export const Unit = z
  .object({
    id: Slug,
    name: z.string(),
    callSign: z.string(),
    kind: z
      .string()
      .describe('for example traffic_police, ambulance; suitability per domain is profile data'),
    agency: z.string().nullable(),
    agencyId: z.string().nullable().describe('the agency it belongs to, of GET /agencies'),
    class: Class,
    crew: z.number().int().nullable(),
    trackerDeviceId: z.string().nullable(),
    status: UnitStatus,
    statusSince: Timestamp,
    statusReason: z.string().nullish().describe('why it is out of service'),
    position: Position.nullable(),
    positionAt: Timestamp.nullable(),
    speedKmh: z.number().nullable(),
    headingDeg: z.number().nullable(),
    accuracyM: z.number().nullable(),
    areaId: z.string().nullable(),
    dispatchId: z.number().int().nullable(),
    alertId: z.number().int().nullable(),
  })
  .meta({ id: 'Unit' });
export type Unit = z.infer<typeof Unit>;

export const UnitCreate = z.strictObject({
  id: Slug.optional(),
  name: z.string().min(1).max(200),
  callSign: z.string().min(1).max(16),
  kind: z.string().min(1).max(64),
  agency: z.string().max(200).optional(),
  agencyId: AgencyId.optional().describe('absent = the agency that `agency` names, if any'),
  class: Class.optional().describe('absent = internal'),
  crew: z.number().int().min(0).max(100).optional(),
  trackerDeviceId: Slug.optional(),
  areaId: z.string().optional().describe('home area, until the first position'),
});
export type UnitCreate = z.infer<typeof UnitCreate>;
export const UnitStatusPatch = z.strictObject({
  status: z.enum(['available', 'out_of_service']),
  reason: z.string().max(500).optional(),
});

export const DISPATCH_STATES = [
  'assigned',
  'accepted',
  'en_route',
  'on_scene',
  'done',
  'refused',
  'cancelled',
] as const;
export const DispatchState = z.enum(DISPATCH_STATES);
export type DispatchState = z.infer<typeof DispatchState>;

export const Dispatch = z
  .object({
    id: z.number().int(),
    alertId: z.number().int(),
    unitId: z.string(),
    unitName: z.string(),
    state: DispatchState,
    reason: z.string().describe('why this unit, as shown to the operator'),
    distanceM: z.number().nullable(),
    createdBy: z.string(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    history: z.array(
      z.object({ state: DispatchState, at: Timestamp, actor: z.string(), note: z.string().nullable() }),
    ),
  })
  .meta({ id: 'Dispatch' });
export type Dispatch = z.infer<typeof Dispatch>;

export const DispatchCreate = z.strictObject({
  alertId: z.number().int(),
  unitId: z.string(),
  note: z.string().max(2000).optional(),
});
export const DispatchPatch = z.strictObject({ state: DispatchState, note: z.string().max(2000).optional() });

export const Recommendation = z
  .object({
    unit: Unit,
    distanceM: z.number().describe('geodesic, WGS 84'),
    suitable: z.boolean(),
    reason: Bilingual,
  })
  .meta({ id: 'Recommendation' });
export type Recommendation = z.infer<typeof Recommendation>;

export const Recommendations = z.object({
  items: z.array(Recommendation).describe('free and suitable, nearest first'),
  excluded: z.array(
    z.object({
      unitId: z.string(),
      unitName: z.string(),
      distanceM: z.number().nullable(),
      reason: Bilingual,
    }),
  ),
});
