import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type {
  Device,
  DeviceCreate,
  DeviceCreated,
  DeviceCredential,
  DevicePatch,
  DeviceQuery,
} from '../../core/api/devices.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { ownerAfter } from '../../core/owner.ts';
import { type Caller, can, type ResourceScope, scopeOf } from '../../core/permissions.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  AuditEntry,
  AuditTrail,
  Bus,
  Database,
  Tx,
} from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import { fold } from '../../core/text.ts';
import { sha256 } from '../http/index.ts';
import { deviceState } from './device-state.ts';
import type { KnownDevices } from './directory.ts';
import { idsFor } from './names.ts';
import {
  type DeviceRow,
  type DeviceWrite,
  deviceActivity,
  deviceById,
  insertDevice,
  listDevices,
  replaceCredentials,
  upsertDevices,
} from './sql/devices.ts';
import type { RegisteredType, TypeCatalogue } from './types.ts';

const MAX_ID_TRIES = 200;
const HOUR_MS = 3600_000;

export type Credential = z.output<typeof DeviceCredential>;

export interface DeviceService {
  list(
    caller: Caller,
    query: z.output<typeof DeviceQuery>,
    after: string,
  ): Promise<{ items: Device[]; more: boolean }>;
  get(caller: Caller, id: string): Promise<Device>;
  create(input: z.output<typeof DeviceCreate>, caller?: Caller): Promise<z.output<typeof DeviceCreated>>;
  update(id: string, input: z.output<typeof DevicePatch>, caller: Caller): Promise<Device>;
  /** The old password works for `overlapHours` more. */
  renewCredential(id: string, caller: Caller, overlapHours?: number): Promise<Credential>;
  /** A device the caller may write; throws `request.not_found` for any other. */
  mine(id: string, caller: Caller): Promise<DeviceRow>;
  /** Takes a change of a device into the directory and tells everybody. */
  announce(id: string): Promise<void>;
  counts(caller: Caller): Promise<{ total: number; online: number }>;
}

export interface DeviceDeps {
  database: Database;
  bus: Bus;
  clock: Clock;
  types: TypeCatalogue;
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  directory: KnownDevices;
  audit: Pick<AuditTrail, 'record'>;
  /** Whether the centre has such a domain. */
  hasDomain(id: string): boolean;
}

export function createDeviceService(deps: DeviceDeps): DeviceService {
  const { database, bus, clock, types, areas, agencies, directory, audit, hasDomain } = deps;

  const toDto = (row: DeviceRow): Device => {
    const expectedIntervalS = row.expected_interval_s ?? types.get(row.type)?.expectedIntervalS ?? null;
    return {
      id: row.id,
      site: row.site,
      name: row.name,
      type: row.type,
      domain: row.domain,
      position: row.lon === null || row.lat === null ? null : [row.lon, row.lat],
      areaId: row.area_id,
      areaName: row.area_id === null ? null : areas.nameOf(row.area_id),
      ownerAgency: row.owner_agency,
      agencyId: row.agency_id,
      class: row.class,
      expectedIntervalS,
      enabled: row.enabled,
      state: deviceState({
        enabled: row.enabled,
        lastReceivedMs: row.last_received_at?.getTime() ?? null,
        expectedIntervalS: expectedIntervalS ?? Infinity,
        nowMs: clock.now(),
      }),
      lastSeenAt: row.last_received_at?.toISOString() ?? null,
      properties: row.properties,
    };
  };
  /** What is out of sight does not exist; what is in sight but not theirs to change is refused. */
  const mine = async (id: string, caller: Caller): Promise<DeviceRow> => {
    const row = await deviceById(database.as(caller, 'devices.read'), id);
    if (!row || !can(caller, 'devices.read', scopeOfRow(row))) throw new AppError('request.not_found');
    if (!can(caller, 'devices.write', scopeOfRow(row))) throw new AppError('auth.forbidden');
    return row;
  };
  const mayWrite = (caller: Caller | undefined, device: DeviceWrite) => {
    if (caller && !can(caller, 'devices.write', scopeOfRow(device)))
      throw new AppError('auth.forbidden', {
        detail: 'place, domain, agency or class are outside your grants',
      });
  };
  const announce = async (id: string) => {
    await directory.refresh(id);
    bus.emit('registry.changed', { kind: 'device', id });
  };

  return {
    async list(caller, query, after) {
      const filter = {
        type: query.type,
        domain: query.domain,
        bbox: query.bbox,
        areas: query.area === undefined ? undefined : [...areas.subtree([query.area])],
      };
      const scope = scopeOf(caller, 'devices.read');
      const rows = await listDevices(
        database.as(caller, 'devices.read'),
        scope,
        filter,
        after,
        query.limit + 1,
      );
      return { items: rows.slice(0, query.limit).map(toDto), more: rows.length > query.limit };
    },

    async get(caller, id) {
      const row = await deviceById(database.as(caller, 'devices.read'), id);
      if (!row || !can(caller, 'devices.read', scopeOfRow(row))) throw new AppError('request.not_found');
      return toDto(row);
    },

    async create(input, caller) {
      const type = knownType(types, input.type);
      const domain = input.domain ?? (type.domain !== null && hasDomain(type.domain) ? type.domain : null);
      checkDomain(hasDomain, domain);
      const owner = ownerAfter(agencies, input);
      const device: DeviceWrite = {
        id: input.id ?? '',
        site: input.site,
        name: input.name,
        type: type.id,
        domain,
        owner_agency: owner.text,
        agency_id: owner.agencyId,
        class: input.class ?? 'internal',
        ...place(areas, input.position ?? null),
        expected_interval_s: input.expectedIntervalS ?? null,
        enabled: true,
        properties: input.properties ?? {},
        search_text: '',
      };
      mayWrite(caller, device);
      const { id, credential } = await database.transaction(async (tx) => {
        const taken = await insertWithFreeId(tx, device, input.id === undefined);
        const made = { id: taken, credential: await newCredential(tx, taken, device.site) };
        await audit.record(tx, actOn('device.create', caller, { ...device, id: taken }));
        return made;
      });
      await announce(id);
      const row = await deviceById(database, id);
      if (!row) throw new AppError('request.not_found');
      return { ...toDto(row), credential };
    },

    async update(id, input, caller) {
      const before = await mine(id, caller);
      if (input.domain !== undefined) checkDomain(hasDomain, input.domain);
      const owner = ownerAfter(agencies, input, { text: before.owner_agency, agencyId: before.agency_id });
      const known = directory.byId(id);
      // A mover's row shows where it is now; what is written is where it was registered.
      const position =
        input.position !== undefined
          ? input.position
          : known?.mobile
            ? null
            : before.lon === null || before.lat === null
              ? null
              : ([before.lon, before.lat] as LonLat);
      const device: DeviceWrite = {
        id,
        site: before.site,
        name: input.name ?? before.name,
        type: before.type,
        domain: input.domain === undefined ? before.domain : input.domain,
        owner_agency: owner.text,
        agency_id: owner.agencyId,
        class: input.class ?? before.class,
        ...place(areas, position),
        expected_interval_s:
          input.expectedIntervalS === undefined ? before.expected_interval_s : input.expectedIntervalS,
        enabled: input.enabled ?? before.enabled,
        properties: input.properties ?? before.properties,
        search_text: '',
      };
      mayWrite(caller, known?.mobile ? { ...device, area_id: before.area_id } : device);
      await database.transaction(async (tx) => {
        await upsertDevices(tx, [{ ...device, search_text: searchText(device) }]);
        await audit.record(tx, actOn('device.change', caller, device, before));
      });
      await announce(id);
      const row = await deviceById(database, id);
      if (!row) throw new AppError('request.not_found');
      return toDto(row);
    },

    mine,
    announce,

    async renewCredential(id, caller, overlapHours = 0) {
      const row = await mine(id, caller);
      const credential = await database.transaction(async (tx) => {
        const oldUntil = overlapHours > 0 ? new Date(clock.now() + overlapHours * HOUR_MS) : null;
        const made = await newCredential(tx, id, row.site, oldUntil);
        await audit.record(tx, actOn('device.credential', caller, row));
        return made;
      });
      await announce(id);
      return credential;
    },

    async counts(caller) {
      const rows = await deviceActivity(database.as(caller, 'devices.read'), scopeOf(caller, 'devices.read'));
      const online = rows.filter((row) => {
        const known = directory.byId(row.id);
        const state = deviceState({
          enabled: true,
          lastReceivedMs: row.last_received_at?.getTime() ?? null,
          expectedIntervalS: known?.expectedIntervalS ?? Infinity,
          nowMs: clock.now(),
        });
        return state === 'online' || state === 'late';
      }).length;
      return { total: rows.length, online };
    },
  };
}

/** An act on a device, as the audit trail keeps it. */
function actOn(
  action: 'device.create' | 'device.change' | 'device.credential',
  caller: Caller | undefined,
  device: DeviceWrite | DeviceRow,
  before?: DeviceRow,
): AuditEntry {
  return {
    by: caller ?? null,
    action,
    object: { type: 'device', id: device.id, name: device.name },
    place: scopeOfRow(device),
    before: before && deviceFacts(before),
    after: deviceFacts(device),
  };
}

function deviceFacts(device: DeviceWrite | DeviceRow) {
  return {
    site: device.site,
    name: device.name,
    type: device.type,
    domain: device.domain,
    ownerAgency: device.owner_agency,
    agencyId: device.agency_id,
    class: device.class,
    position: device.lon === null || device.lat === null ? null : [device.lon, device.lat],
    areaId: device.area_id,
    expectedIntervalS: device.expected_interval_s,
    enabled: device.enabled,
    properties: device.properties,
  };
}

/** Where a row of the registry stands in the scope model. */
export function scopeOfRow(
  row: Pick<DeviceWrite, 'area_id' | 'domain' | 'agency_id' | 'class'>,
): ResourceScope {
  return { areaId: row.area_id, domain: row.domain, agencyId: row.agency_id, class: row.class };
}

export function knownType(types: TypeCatalogue, id: string): RegisteredType {
  const type = types.get(id);
  if (type) return type;
  const known = types.all().map((each) => each.id);
  throw new AppError('request.invalid', { detail: `type: no device type ${id}; known: ${known.join(', ')}` });
}

export function checkDomain(hasDomain: (id: string) => boolean, domain: string | null): void {
  if (domain !== null && !hasDomain(domain))
    throw new AppError('request.invalid', { detail: `domain: the centre has no domain ${domain}` });
}

export function place(areas: AreaDirectory, position: Readonly<LonLat> | null) {
  return {
    lon: position?.[0] ?? null,
    lat: position?.[1] ?? null,
    area_id: position ? areas.locate(position[0], position[1]) : null,
  };
}

export function searchText(device: { id: string; name: string; owner_agency: string | null }): string {
  return fold(`${device.name} ${device.id} ${device.owner_agency ?? ''}`);
}

async function insertWithFreeId(tx: Tx, device: DeviceWrite, mayChoose: boolean): Promise<string> {
  let tries = 0;
  for (const id of mayChoose ? idsFor(device.name, 'device') : [device.id]) {
    const candidate = { ...device, id };
    if (await insertDevice(tx, { ...candidate, search_text: searchText(candidate) })) return id;
    if (++tries >= MAX_ID_TRIES) break;
  }
  throw new AppError('request.conflict', { detail: `there is a device ${device.id || device.name} already` });
}

/** A new secret for a device; only its hash is kept. The user name is the device's id. */
export function makeCredential(id: string, site: string): { credential: Credential; secret: Buffer } {
  const password = randomBytes(32).toString('base64url');
  return {
    credential: { username: id, password, topic: `ioc/v1/${site}/${id}/up` },
    secret: sha256(password),
  };
}

async function newCredential(
  tx: Tx,
  id: string,
  site: string,
  oldUntil: Date | null = null,
): Promise<Credential> {
  const { credential, secret } = makeCredential(id, site);
  await replaceCredentials(tx, [{ device_id: id, username: credential.username, secret }], oldUntil);
  return credential;
}
