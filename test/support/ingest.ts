import sql from 'sql-template-tag';
import { type Clock, systemClock } from '../../core/clock.ts';
import type {
  AreaLocator,
  Bus,
  Database,
  DeviceDirectory,
  DevicePresence,
  DeviceRecord,
  HealthItem,
  Logger,
  RuleEngine,
  SeriesDirectory,
} from '../../core/ports.ts';
import { loadDeviceTypes } from '../../devices/index.ts';
import {
  createIngest,
  type Ingest,
  type IngestDatabase,
  IngestSettings,
  MqttSettings,
} from '../../ingest/index.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import { createHealth } from '../../server/system/index.ts';
import { testLogger } from './logger.ts';

export function deviceRecord(id: string, over: Partial<DeviceRecord> = {}): DeviceRecord {
  return {
    id,
    site: 'main',
    type: 'air-quality',
    enabled: true,
    position: [105.15, 9.18],
    areaId: null,
    domain: 'environment',
    mobile: false,
    unitId: null,
    expectedIntervalS: 60,
    agencyId: null,
    class: 'internal',
    unit: null,
    ...over,
  };
}

/** A directory in memory; every device's user name is its id and its password `<id>-secret`. */
export function memoryDirectory(records: readonly DeviceRecord[]): DeviceDirectory & {
  put(record: DeviceRecord): void;
} {
  const devices = new Map(records.map((record) => [record.id, record]));
  return {
    byId: (id) => devices.get(id),
    all: () => devices.values(),
    authenticate: async (username, password) =>
      devices.has(username) && password === `${username}-secret` ? username : undefined,
    put: (record) => void devices.set(record.id, record),
  };
}

/** Series in the database's own table. */
function databaseSeries(database: Database): SeriesDirectory {
  return {
    async resolve(deviceId, quantity, unit) {
      const [row] = await database.query<{ id: number }>(sql`
        insert into series (device_id, quantity, unit) values (${deviceId}, ${quantity}, ${unit})
        on conflict (device_id, quantity) do update set unit = series.unit returning id`);
      if (!row) throw new Error('no series');
      return row.id;
    },
  };
}

export const noRules: RuleEngine = { evaluate: () => [], persist: async () => [] };

export interface TestIngestOptions {
  database: IngestDatabase;
  devices: DeviceDirectory;
  rules?: RuleEngine;
  areas?: AreaLocator;
  series?: SeriesDirectory;
  presence?: DevicePresence;
  clock?: Clock;
  bus?: Bus;
  logger?: Logger;
  ingest?: Record<string, unknown>;
  mqtt?: Record<string, unknown>;
  front?: boolean;
}

/** A started ingest on any free port. */
export async function startTestIngest(
  options: TestIngestOptions,
): Promise<Ingest & { bus: Bus; healthOf(component: string): HealthItem | undefined }> {
  const logger = options.logger ?? testLogger();
  const bus = options.bus ?? createMemoryBus(logger);
  const clock = options.clock ?? systemClock;
  const health = createHealth(clock);
  const ingest = createIngest({
    database: options.database,
    devices: options.devices,
    deviceTypes: await loadDeviceTypes(),
    series: options.series ?? databaseSeries(options.database),
    areas: options.areas ?? { locate: () => null },
    rules: options.rules ?? noRules,
    presence: options.presence,
    bus,
    clock,
    logger,
    health,
    settings: {
      mqtt: MqttSettings.parse({ port: 0, tlsPort: 0, ...options.mqtt }),
      ingest: IngestSettings.parse(options.ingest ?? {}),
    },
    front: options.front,
  });
  await ingest.start();
  return Object.assign(ingest, {
    bus,
    healthOf: (component: string) => health.items().find((item) => item.component === component),
  });
}
