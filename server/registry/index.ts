import type { DeviceImportReport } from '../../core/api/devices.ts';
import type { Clock } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  AuditTrail,
  Bus,
  CameraMedia,
  Database,
  DeviceDirectory,
  Logger,
  SecretStore,
  SeriesDirectory,
} from '../../core/ports.ts';
import type { Route } from '../http/index.ts';
import { type CameraService, createCameraService } from './cameras.ts';
import { createDeviceCertificates } from './certificates.ts';
import { importDevices } from './device-import.ts';
import { createDeviceService, type DeviceService } from './devices.ts';
import { createDirectory } from './directory.ts';
import { createObservationService } from './observations.ts';
import { cameraRoutes } from './routes-cameras.ts';
import { deviceRoutes } from './routes-devices.ts';
import { createSeriesDirectory } from './series.ts';
import type { StoredSource } from './sql/cameras.ts';
import type { TypeCatalogue } from './types.ts';

export interface RegistryOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  secrets: SecretStore;
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  types: TypeCatalogue;
  /** IANA name; days of summaries begin at its midnight. */
  timezone: string;
  /** Whether the centre's profile has such a domain. */
  hasDomain(id: string): boolean;
  audit: AuditTrail;
  /** The media plane, once it is there; it needs the cameras first. */
  media(): CameraMedia | undefined;
  /** Checks a camera source as far as can be done without dialling; throws `camera.address_refused`. */
  vetSource?(source: StoredSource): void | Promise<void>;
}

export interface Registry {
  routes: Route[];
  /** Devices in memory, for the front and the pipeline. */
  devices: DeviceDirectory & {
    nameOf(id: string): string | null;
    /** Reads one device anew, or all. */
    refresh(id: string | null): Promise<void>;
  };
  series: SeriesDirectory;
  /** Cameras in memory, for the media plane and for "the nearest camera". */
  cameras: CameraService['directory'];
  /** The credential of a camera, from the secret store, asked for at each dial. */
  cameraCredential: CameraService['credentialOf'];
  recordCameraHealth: CameraService['recordHealth'];
  /** For the demo and the command line; without a caller nobody's grants limit it. */
  createDevice: (input: DeviceCreateInput, caller?: Caller) => Promise<DeviceCreatedOutput>;
  /** Replaces a device's credential; the old one ends at once. */
  renewCredential: DeviceService['renewCredential'];
  createCamera: CameraService['create'];
  importDevices(
    table: Uint8Array,
    options: { dryRun: boolean },
    caller?: Caller,
  ): Promise<DeviceImportReport>;
  counts(caller: Caller): Promise<{
    devices: { total: number; online: number };
    cameras: { total: number; online: number };
  }>;
  /** Resolves when every camera verdict so far is written. */
  settled(): Promise<void>;
  close(): void;
}

type DeviceCreateInput = Parameters<DeviceService['create']>[0];
type DeviceCreatedOutput = Awaited<ReturnType<DeviceService['create']>>;

/** Devices, their series and values, and cameras. Reads devices, series and cameras into memory first. */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const {
    database,
    bus,
    clock,
    logger,
    secrets,
    areas,
    agencies,
    types,
    timezone,
    hasDomain,
    media,
    vetSource,
    audit,
  } = options;
  const directory = await createDirectory({ database, bus, clock, logger, types });
  const series = await createSeriesDirectory(database);
  const deps = { database, bus, clock, types, areas, agencies, directory, audit, hasDomain };
  const devices = createDeviceService(deps);
  const certificates = createDeviceCertificates({ ...deps, mine: devices.mine, announce: devices.announce });
  const observations = createObservationService({ database, clock, types, areas, timezone });
  const cameras = await createCameraService({
    database,
    bus,
    logger,
    secrets,
    areas,
    agencies,
    hasDomain,
    vetSource,
    audit,
    changed: (id) => media()?.refresh(id),
  });
  const importTable: Registry['importDevices'] = (table, choice, caller) =>
    importDevices(deps, table, choice, caller);

  return {
    routes: [
      ...deviceRoutes({ devices, certificates, observations, types, importTable }),
      ...cameraRoutes(cameras, media, audit),
    ],
    devices: directory,
    series,
    cameras: cameras.directory,
    cameraCredential: cameras.credentialOf,
    recordCameraHealth: cameras.recordHealth,
    createDevice: devices.create,
    renewCredential: devices.renewCredential,
    createCamera: cameras.create,
    importDevices: importTable,
    async counts(caller) {
      return { devices: await devices.counts(caller), cameras: await cameras.counts(caller) };
    },
    settled: cameras.settled,
    close() {
      directory.close();
      cameras.close();
    },
  };
}
