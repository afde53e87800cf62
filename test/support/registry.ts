import { manualClock } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import { loadDeviceTypes } from '../../devices/index.ts';
import { withDomains } from '../../server/boot/device-domains.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { type CameraService, createCameraService } from '../../server/registry/cameras.ts';
import { createDeviceService, type DeviceDeps, type DeviceService } from '../../server/registry/devices.ts';
import { createDirectory, type KnownDevices } from '../../server/registry/directory.ts';
import { createObservationService, type ObservationService } from '../../server/registry/observations.ts';
import { testLogger } from './logger.ts';
import { createPeople, type People } from './people.ts';
import { grantWith } from './roles.ts';
import { SAMPLE_AREAS } from './sample-areas.ts';
import { testTrail } from './trail.ts';

export const START = Date.parse('2026-11-22T08:00:00+07:00');

export interface TestRegistry {
  clock: ReturnType<typeof manualClock>;
  people: People;
  deps: DeviceDeps;
  directory: KnownDevices;
  devices: DeviceService;
  observations: ObservationService;
  cameras: CameraService;
  /** A caller with one grant. */
  person(role: string, areaIds?: string[] | 'all', domains?: string[] | 'all'): Caller;
  close(): void;
}

/** The services of the registry over the sample areas, with the domains `environment` and `traffic`. */
export async function createTestRegistry(database: OpenDatabase): Promise<TestRegistry> {
  const clock = manualClock(START);
  const people = await createPeople(database, clock);
  await people.areas.import(SAMPLE_AREAS, {});
  const { bus, secrets } = people;
  const logger = testLogger();
  const types = withDomains(await loadDeviceTypes(), [
    { id: 'environment', enabled: true, deviceTypes: ['air-quality', 'water-level', 'salinity', 'weather'] },
    { id: 'traffic', enabled: true, deviceTypes: ['traffic-counter'] },
  ]);
  const areas = people.areas.tree;
  const agencies = people.agencies.directory;
  const hasDomain = (id: string) => ['environment', 'traffic'].includes(id);
  const directory = await createDirectory({ database, bus, clock, logger, types });
  const audit = testTrail(database, clock);
  const deps = { database, bus, clock, audit, types, areas, agencies, directory, hasDomain };
  const cameras = await createCameraService({
    database,
    bus,
    logger,
    audit,
    secrets,
    areas,
    agencies,
    hasDomain,
  });
  return {
    clock,
    people,
    deps,
    directory,
    devices: createDeviceService(deps),
    observations: createObservationService({ ...deps, timezone: 'Asia/Ho_Chi_Minh' }),
    cameras,
    person: (role, areaIds = 'all', domains = 'all') => ({
      userId: 'u',
      username: 'u',
      displayName: 'u',
      sessionId: 's',
      agencyId: null,
      grants: [grantWith(role, { areas: areaIds === 'all' ? 'all' : areas.subtree(areaIds), domains })],
    }),
    close() {
      cameras.close();
      directory.close();
      people.close();
    },
  };
}
