import { createHash, timingSafeEqual } from 'node:crypto';
import sql from 'sql-template-tag';
import { type Clock, systemClock } from '../../core/clock.ts';
import type {
  AreaLocator,
  Bus,
  Database,
  DeviceDirectory,
  DevicePresence,
  DeviceRecord,
  Health,
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
    ...over,
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** A directory in memory; every device's user name is its id and its password `<id>-secret`. */
export function memoryDirectory(records: readonly DeviceRecord[]): DeviceDirectory & {
  put(record: DeviceRecord): void;
} {
  const devices = new Map(records.map((record) => [record.id, record]));
  const secrets = new Map(records.map(({ id }) => [id, digest(`${id}-secret`)]));
  return {
    byId: (id) => devices.get(id),
    all: () => devices.values(),
    async authenticate(username, password) {
      const given = digest(password);
      return timingSafeEqual(given, secrets.get(username) ?? digest('')) ? username : undefined;
    },
    put(record) {
      devices.set(record.id, record);
      secrets.set(record.id, digest(`${record.id}-secret`));
    },
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

export function memoryHealth(): Health & { get(component: string): HealthItem | undefined } {
  const items = new Map<string, HealthItem>();
  return {
    set: (item) => void items.set(item.component, { ...item, sinceMs: 0 }),
    items: () => [...items.values()],
    get: (component) => items.get(component),
  };
}

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
): Promise<Ingest & { bus: Bus; health: ReturnType<typeof memoryHealth> }> {
  const logger = options.logger ?? testLogger();
  const bus = options.bus ?? createMemoryBus(logger);
  const health = memoryHealth();
  const ingest = createIngest({
    database: options.database,
    devices: options.devices,
    deviceTypes: await loadDeviceTypes(),
    series: options.series ?? databaseSeries(options.database),
    areas: options.areas ?? { locate: () => null },
    rules: options.rules ?? noRules,
    presence: options.presence,
    bus,
    clock: options.clock ?? systemClock,
    logger,
    health,
    settings: {
      mqtt: MqttSettings.parse({ port: 0, tlsPort: 0, ...options.mqtt }),
      ingest: IngestSettings.parse(options.ingest ?? {}),
    },
    front: options.front,
  });
  await ingest.start();
  return Object.assign(ingest, { bus, health });
}
