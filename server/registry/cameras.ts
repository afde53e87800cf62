import type { z } from 'zod';
import type { Camera, CameraCreate, CameraPatch, CameraQuery } from '../../core/api/cameras.ts';
import type { AuditAction } from '../../core/audit-actions.ts';
import { AppError } from '../../core/errors.ts';
import { cameraFor, guardedNames } from '../../core/field-masks.ts';
import { ownerAfter } from '../../core/owner.ts';
import { type Caller, can, type Permission, scopeOf } from '../../core/permissions.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  AuditEntry,
  AuditTrail,
  Bus,
  CameraVerdict,
  Database,
  Logger,
  SecretStore,
} from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import { fold } from '../../core/text.ts';
import { distanceM, sees } from '../../gis/index.ts';
import { type CameraCredential, endpointOf, shownSource, splitSource } from './camera-source.ts';
import { checkDomain, scopeOfRow } from './devices.ts';
import { idsFor } from './names.ts';
import {
  allCameras,
  type CameraRow,
  type CameraWrite,
  cameraById,
  cameraCounts,
  insertCamera,
  listCameras,
  type StoredSource,
  updateCamera,
  writeCameraState,
} from './sql/cameras.ts';

const OWNER = 'registry.cameras';
const MAX_ID_TRIES = 200;
const SECRET_PREFIX = 'camera/';

/** A camera as the media plane needs it: the source never holds a credential. */
interface CameraRecord {
  id: string;
  name: string;
  enabled: boolean;
  source: StoredSource;
  position: LonLat;
  headingDeg: number | null;
  fovDeg: number | null;
  rangeM: number | null;
  areaId: string | null;
  domain: string | null;
}

export interface CameraService {
  directory: { byId(id: string): CameraRecord | undefined; all(): Iterable<CameraRecord> };
  credentialOf(cameraId: string): Promise<CameraCredential | undefined>;
  list(
    caller: Caller,
    query: z.output<typeof CameraQuery>,
    after: string,
  ): Promise<{ items: Camera[]; more: boolean }>;
  /** A camera the caller has this permission for; `request.not_found` for every other, also those that exist. */
  get(caller: Caller, id: string, permission?: Permission): Promise<Camera>;
  create(input: z.output<typeof CameraCreate>, caller?: Caller): Promise<Camera>;
  update(id: string, input: z.output<typeof CameraPatch>, caller: Caller): Promise<Camera>;
  /** Takes a verdict of the media plane; written in the order they come, announced when something shows. */
  recordHealth(cameraId: string, verdict: CameraVerdict): void;
  /** Resolves when every verdict so far is written. */
  settled(): Promise<void>;
  counts(caller: Caller): Promise<{ total: number; online: number }>;
  close(): void;
}

export async function createCameraService(options: {
  database: Database;
  bus: Bus;
  logger: Logger;
  secrets: SecretStore;
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  hasDomain(id: string): boolean;
  /** Checks a source as far as the media plane can without dialling; throws `camera.address_refused`. */
  vetSource?(source: StoredSource): void | Promise<void>;
  audit: Pick<AuditTrail, 'record'>;
  /** Told of every change of a camera, after it is committed. */
  changed?(cameraId: string): void;
}): Promise<CameraService> {
  const { database, bus, logger, secrets, areas, agencies, hasDomain, vetSource, audit, changed } = options;
  let records = new Map<string, CameraRecord>();
  const refresh = async () => {
    records = new Map((await allCameras(database)).map((row) => [row.id, toRecord(row)]));
  };
  await refresh();
  bus.on(OWNER, 'registry.changed', ({ kind, id }) => {
    if (kind === 'camera' && id === null)
      refresh().catch((error) => logger.error({ err: String(error) }, 'cameras could not be read'));
  });

  const toDto = (row: CameraRow): Camera => ({
    id: row.id,
    name: row.name,
    position: [row.lon, row.lat],
    headingDeg: row.heading_deg,
    fovDeg: row.fov_deg,
    rangeM: row.range_m,
    areaId: row.area_id,
    areaName: row.area_id === null ? null : areas.nameOf(row.area_id),
    domain: row.domain,
    ownerAgency: row.owner_agency,
    agencyId: row.agency_id,
    class: row.class,
    source: shownSource(row.source, row.has_credential),
    enabled: row.enabled,
    state: row.enabled ? row.state : 'disabled',
    stateSince: row.state_since?.toISOString() ?? null,
    stateReason: row.state_reason,
    lastFrameAt: row.last_frame_at?.toISOString() ?? null,
  });
  const mayWrite = (caller: Caller | undefined, camera: CameraWrite) => {
    if (caller && !can(caller, 'cameras.write', scopeOfRow(camera)))
      throw new AppError('auth.forbidden', {
        detail: 'place, domain, agency or class are outside your grants',
      });
  };
  const announce = (row: CameraRow) => {
    records.set(row.id, toRecord(row));
    bus.emit('registry.changed', { kind: 'camera', id: row.id });
    bus.emit('camera.changed', toDto(row));
    changed?.(row.id);
  };
  const stored = async (id: string): Promise<CameraRow> => {
    const row = await cameraById(database, id);
    if (!row) throw new AppError('request.not_found');
    return row;
  };

  let writing: Promise<void> = Promise.resolve();
  const applyVerdict = async (cameraId: string, verdict: CameraVerdict) => {
    const before = await cameraById(database, cameraId);
    if (!before?.enabled) return;
    const row = await writeCameraState(database, cameraId, {
      state: verdict.state,
      since: new Date(verdict.sinceMs),
      reason: verdict.reason,
      lastFrameAt: verdict.lastFrameAtMs === null ? null : new Date(verdict.lastFrameAtMs),
    });
    if (row) bus.emit('camera.changed', toDto(row));
  };

  return {
    directory: { byId: (id) => records.get(id), all: () => records.values() },

    async credentialOf(cameraId) {
      const text = await secrets.get(SECRET_PREFIX + cameraId);
      return text === undefined ? undefined : (JSON.parse(text) as CameraCredential);
    },

    async list(caller, query, after) {
      const shown = (row: CameraRow) => cameraFor(caller, toDto(row));
      const scope = scopeOf(caller, 'cameras.read');
      const mine = database.as(caller, 'cameras.read');
      const filter = {
        domain: query.domain,
        bbox: query.bbox,
        areas: query.area === undefined ? undefined : [...areas.subtree([query.area])],
      };
      const { sees: point } = query;
      if (point === undefined) {
        const rows = await listCameras(mine, scope, filter, after, query.limit + 1);
        return { items: rows.slice(0, query.limit).map(shown), more: rows.length > query.limit };
      }
      const far = (camera: CameraRecord) => distanceM(camera.position, point);
      const nearest = [...records.values()]
        .filter((camera) => camera.enabled && sees(camera, point))
        .sort((a, b) => far(a) - far(b) || (a.id < b.id ? -1 : 1))
        .map((camera) => camera.id);
      const rows = await listCameras(mine, scope, { ...filter, ids: nearest }, '', nearest.length);
      rows.sort((a, b) => nearest.indexOf(a.id) - nearest.indexOf(b.id));
      return { items: rows.slice(0, query.limit).map(shown), more: false };
    },

    async get(caller, id, permission = 'cameras.read') {
      const row = await cameraById(database.as(caller, permission), id);
      if (!row || !can(caller, permission, scopeOfRow(row))) throw new AppError('request.not_found');
      return cameraFor(caller, toDto(row));
    },

    async create(input, caller) {
      const { source, credential } = splitSource(input.source);
      await vetSource?.(source);
      checkDomain(hasDomain, input.domain ?? null);
      const owner = ownerAfter(agencies, input);
      const [lon, lat] = input.position;
      const draft = {
        name: input.name,
        lon,
        lat,
        heading_deg: input.headingDeg ?? null,
        fov_deg: input.fovDeg ?? null,
        range_m: input.rangeM ?? null,
        area_id: areas.locate(lon, lat),
        domain: input.domain ?? null,
        owner_agency: owner.text,
        agency_id: owner.agencyId,
        class: input.class ?? 'internal',
        source,
        enabled: true,
      };
      mayWrite(caller, { ...draft, id: '', search_text: '' });
      let tries = 0;
      const id = await database.transaction(async (tx) => {
        for (const free of input.id === undefined ? idsFor(input.name, 'camera') : [input.id]) {
          const camera = { ...draft, id: free, search_text: searchText({ ...draft, id: free }) };
          if (await insertCamera(tx, camera)) {
            if (credential) await secrets.set(SECRET_PREFIX + free, JSON.stringify(credential), tx);
            const after = cameraFacts(camera, credential !== undefined);
            await audit.record(tx, { ...actOn('camera.create', caller, camera), after });
            return free;
          }
          if (++tries >= MAX_ID_TRIES) break;
        }
        throw new AppError('request.conflict', {
          detail: `there is a camera ${input.id ?? input.name} already`,
        });
      });
      const row = await stored(id);
      announce(row);
      return toDto(row);
    },

    async update(id, input, caller) {
      const before = await cameraById(database.as(caller, 'cameras.read'), id);
      if (!before || !can(caller, 'cameras.read', scopeOfRow(before)))
        throw new AppError('request.not_found');
      if (!can(caller, 'cameras.write', scopeOfRow(before))) throw new AppError('auth.forbidden');
      if (input.domain !== undefined) checkDomain(hasDomain, input.domain);
      const split = input.source && splitSource(input.source);
      const source = split?.source ?? before.source;
      if (split) await vetSource?.(source);
      const owner = ownerAfter(agencies, input, { text: before.owner_agency, agencyId: before.agency_id });
      const [lon, lat] = input.position ?? [before.lon, before.lat];
      const keep = <T>(value: T | undefined, old: T): T => (value === undefined ? old : value);
      const camera: CameraWrite = {
        id,
        name: input.name ?? before.name,
        lon,
        lat,
        heading_deg: keep(input.headingDeg, before.heading_deg),
        fov_deg: keep(input.fovDeg, before.fov_deg),
        range_m: keep(input.rangeM, before.range_m),
        area_id: areas.locate(lon, lat),
        domain: keep(input.domain, before.domain),
        owner_agency: owner.text,
        agency_id: owner.agencyId,
        class: input.class ?? before.class,
        source,
        enabled: input.enabled ?? before.enabled,
        search_text: '',
      };
      camera.search_text = searchText(camera);
      mayWrite(caller, camera);
      const credential = split?.credential;
      // Otherwise whoever may change an address could have the password sent to a machine of theirs.
      const forgets = split && !credential && endpointOf(source) !== endpointOf(before.source);
      const other = camera.enabled !== before.enabled || addressOf(source) !== addressOf(before.source);
      await database.transaction(async (tx) => {
        if (credential) await secrets.set(SECRET_PREFIX + id, JSON.stringify(credential), tx);
        else if (forgets) await secrets.delete(SECRET_PREFIX + id, tx);
        await updateCamera(tx, camera, other);
        await audit.record(tx, {
          ...actOn('camera.change', caller, camera),
          before: cameraFacts(before, before.has_credential),
          after: {
            ...cameraFacts(camera, credential !== undefined || (before.has_credential && !forgets)),
            ...(credential ? { credentialReplaced: true } : {}),
          },
        });
      });
      const row = await stored(id);
      announce(row);
      return toDto(row);
    },

    recordHealth(cameraId, verdict) {
      writing = writing
        .then(() => applyVerdict(cameraId, verdict))
        .catch((error) =>
          logger.warn({ cameraId, err: String(error) }, 'camera health could not be written'),
        );
    },
    settled: () => writing,
    counts: (caller) => cameraCounts(database.as(caller, 'cameras.read'), scopeOf(caller, 'cameras.read')),
    close: () => bus.off(OWNER),
  };
}

/** An act on a camera, as the audit trail keeps it. */
const actOn = (action: AuditAction, caller: Caller | undefined, camera: CameraWrite): AuditEntry => ({
  by: caller ?? null,
  action,
  object: { type: 'camera', id: camera.id, name: camera.name },
  place: scopeOfRow(camera),
  restricted: guardedNames('camera'),
});

const cameraFacts = (camera: Omit<CameraWrite, 'search_text'>, hasCredential: boolean) => ({
  name: camera.name,
  position: [camera.lon, camera.lat],
  headingDeg: camera.heading_deg,
  fovDeg: camera.fov_deg,
  rangeM: camera.range_m,
  areaId: camera.area_id,
  domain: camera.domain,
  ownerAgency: camera.owner_agency,
  agencyId: camera.agency_id,
  class: camera.class,
  source: shownSource(camera.source, hasCredential),
  enabled: camera.enabled,
});

const addressOf = (source: StoredSource) => {
  const { kind, address } = shownSource(source, false);
  return `${kind} ${address}`;
};

function toRecord(row: CameraRow): CameraRecord {
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    source: row.source,
    position: [row.lon, row.lat],
    headingDeg: row.heading_deg,
    fovDeg: row.fov_deg,
    rangeM: row.range_m,
    areaId: row.area_id,
    domain: row.domain,
  };
}

function searchText(camera: { id: string; name: string; owner_agency: string | null }): string {
  return fold(`${camera.name} ${camera.id} ${camera.owner_agency ?? ''}`);
}
