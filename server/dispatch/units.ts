import type { z } from 'zod';
import type { Unit, UnitCreate, UnitStatusPatch } from '../../core/api/dispatch.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { ownerAfter } from '../../core/owner.ts';
import { type Caller, can, scopeOf, WHOLE_SCOPE } from '../../core/permissions.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  AuditTrail,
  Bus,
  Database,
  DeviceDirectory,
} from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import { fold, slug } from '../../core/text.ts';
import { violatedConstraint } from '../db/index.ts';
import { decodeCursor, pageOf } from '../http/index.ts';
import { unitDto } from './dto.ts';
import * as q from './sql.ts';

interface UnitFilter {
  status?: string;
  kind?: string;
  limit: number;
  cursor?: string;
}

export interface UnitService {
  list(caller: Caller, filter: UnitFilter): Promise<{ items: Unit[]; nextCursor: string | null }>;
  get(caller: Caller, id: string): Promise<Unit>;
  create(caller: Caller, body: UnitCreate): Promise<Unit>;
  setStatus(caller: Caller, id: string, body: z.infer<typeof UnitStatusPatch>): Promise<Unit>;
}

/** Devices in memory; one can be read anew before anything relies on it. */
export interface TrackerDirectory extends Pick<DeviceDirectory, 'byId'> {
  refresh(id: string): Promise<void>;
}

/** An act on a unit, as the audit trail keeps it. */
const actOn = (caller: Caller, unit: q.UnitRow) => ({
  by: caller,
  object: { type: 'unit' as const, id: unit.id, name: unit.name },
  place: { areaId: unit.area_id, domain: null, agencyId: unit.agency_id, class: unit.class },
});

const factsOf = (unit: q.UnitRow) => ({
  name: unit.name,
  callSign: unit.call_sign,
  kind: unit.kind,
  agency: unit.agency,
  agencyId: unit.agency_id,
  class: unit.class,
  crew: unit.crew,
  trackerDeviceId: unit.tracker_device_id,
  areaId: unit.area_id,
});

/** Units of the forces: who they are, whether they are free, where they were last seen. */
export function createUnitService(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
  devices: TrackerDirectory;
  areas: Pick<AreaDirectory, 'nameOf'>;
  agencies: AgencyDirectory;
  profile: Pick<ProvinceProfile, 'dispatch'>;
}): UnitService {
  const { database, bus, clock, audit, devices, areas, agencies, profile } = deps;

  const check = (caller: Caller, body: UnitCreate) => {
    const owner = ownerAfter(agencies, { ownerAgency: body.agency, agencyId: body.agencyId });
    const scope = {
      areaId: body.areaId ?? null,
      domain: null,
      agencyId: owner.agencyId,
      class: body.class ?? 'internal',
    };
    if (!can(caller, 'units.write', scope)) throw new AppError('auth.forbidden');
    const kinds = profile.dispatch.unitKinds.map((kind) => kind.id);
    if (!kinds.includes(body.kind)) {
      throw new AppError('request.invalid', {
        detail: `body.kind: ${body.kind} is none of ${kinds.join(', ')}`,
      });
    }
    if (body.areaId !== undefined && areas.nameOf(body.areaId) === null) {
      throw new AppError('request.invalid', { detail: `body.areaId: there is no area ${body.areaId}` });
    }
    if (body.trackerDeviceId === undefined) return owner;
    const tracker = devices.byId(body.trackerDeviceId);
    if (!tracker?.mobile) {
      throw new AppError('request.invalid', {
        detail: `body.trackerDeviceId: ${body.trackerDeviceId} is no tracker`,
      });
    }
    return owner;
  };

  return {
    async list(caller, filter) {
      const after = decodeCursor(filter.cursor, ['string']) as [string] | undefined;
      const rows = await database
        .as(caller, 'units.read')
        .query<q.UnitRow>(
          q.listUnits(
            scopeOf(caller, 'units.read'),
            { status: filter.status ?? null, kind: filter.kind ?? null },
            after?.[0] ?? null,
            filter.limit + 1,
          ),
        );
      return pageOf(rows, filter.limit, unitDto, (row) => [row.id]);
    },

    async get(caller, id) {
      const [row] = await database
        .as(caller, 'units.read')
        .query<q.UnitRow>(q.unitInScope(id, scopeOf(caller, 'units.read')));
      if (!row) throw new AppError('request.not_found');
      return unitDto(row);
    },

    async create(caller, body) {
      const owner = check(caller, body);
      const id = body.id ?? (slug(body.callSign) || slug(body.name));
      let row: q.UnitRow | undefined;
      try {
        row = await database.transaction(async (tx) => {
          const [made] = await tx.query<{ id: string }>(
            q.insertUnit({
              id,
              name: body.name.trim(),
              callSign: body.callSign.trim(),
              kind: body.kind,
              agency: owner.text,
              agencyId: owner.agencyId,
              class: body.class ?? 'internal',
              crew: body.crew ?? null,
              trackerDeviceId: body.trackerDeviceId ?? null,
              homeAreaId: body.areaId ?? null,
              searchText: fold(`${body.name} ${body.callSign} ${id}`),
              nowMs: clock.now(),
            }),
          );
          if (!made) return undefined;
          await tx.query(q.placeByTracker(id));
          const [unit] = await tx.query<q.UnitRow>(q.unitInScope(id, WHOLE_SCOPE));
          if (unit)
            await audit.record(tx, { ...actOn(caller, unit), action: 'unit.create', after: factsOf(unit) });
          return unit;
        });
      } catch (error) {
        if (violatedConstraint(error) !== 'units_tracker_device_id_key') throw error;
        throw new AppError('request.conflict', {
          detail: `${body.trackerDeviceId} is the tracker of another unit`,
          cause: error,
        });
      }
      if (!row) throw new AppError('request.conflict', { detail: `there is a unit ${id}` });
      // From the answer on, what the tracker sends is the unit's.
      if (body.trackerDeviceId !== undefined) await devices.refresh(body.trackerDeviceId);
      const unit = unitDto(row);
      bus.emit('registry.changed', { kind: 'unit', id });
      bus.emit('unit.changed', unit);
      return unit;
    },

    async setStatus(caller, id, body) {
      const row = await database.transaction(async (tx) => {
        await tx.query(q.lockUnit(id));
        const [before] = await tx.query<q.UnitRow>(q.unitInScope(id, scopeOf(caller, 'dispatch.operate')));
        if (!before) throw new AppError('request.not_found');
        if (before.dispatch_id !== null) {
          throw new AppError('dispatch.unit_busy', {
            detail: `${before.call_sign} is on dispatch ${before.dispatch_id}`,
            data: { dispatchId: before.dispatch_id },
          });
        }
        const reason = body.status === 'out_of_service' ? body.reason?.trim() || null : null;
        await tx.query(q.setUnitStatus(id, body.status, reason, clock.now()));
        const [unit] = await tx.query<q.UnitRow>(q.unitInScope(id, WHOLE_SCOPE));
        if (unit)
          await audit.record(tx, {
            ...actOn(caller, unit),
            action: 'unit.status',
            before: { status: before.status, reason: before.status_reason },
            after: { status: unit.status, reason: unit.status_reason },
            reason,
          });
        return unit;
      });
      if (!row) throw new AppError('request.not_found');
      const unit = unitDto(row);
      bus.emit('unit.changed', unit);
      return unit;
    },
  };
}
