import { type Clock, manualClock } from '../../core/clock.ts';
import type { Bus, DeviceDirectory, DeviceRecord, Effect } from '../../core/ports.ts';
import type { Evaluable, Observation } from '../../core/reading.ts';
import { flattenPolygon } from '../../gis/index.ts';
import { createAlerts } from '../../server/alerts/index.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { createRules, type RuleAreas } from '../../server/rules/index.ts';
import { createHealth } from '../../server/system/index.ts';
import { deviceRecord as recordOf } from './ingest.ts';
import { testLogger } from './logger.ts';
import { testTrail } from './trail.ts';

/** A directory that a test fills by hand; change its devices, then emit `registry.changed`. */
export function handDirectory(
  devices: DeviceRecord[],
): DeviceDirectory & { devices: DeviceRecord[]; refresh(id: string): Promise<void> } {
  return {
    devices,
    byId: (id) => devices.find((device) => device.id === id),
    all: () => devices,
    authenticate: async () => undefined,
    refresh: async () => {},
  };
}

/** An air station in commune-a. */
export const deviceRecord = (id: string, more: Partial<DeviceRecord> = {}) =>
  recordOf(id, { areaId: 'commune-a', ...more });

/** Two communes in one province; commune-a is a square with a border that fences can use. */
export const testAreas: RuleAreas = {
  nameOf: (id) => ({ province: 'Tỉnh', 'commune-a': 'Xã A', 'commune-b': 'Xã B' })[id] ?? null,
  subtree: (roots) =>
    new Set([...roots].flatMap((id) => (id === 'province' ? ['province', 'commune-a', 'commune-b'] : [id]))),
  shape: (id) =>
    id === 'commune-a'
      ? flattenPolygon([
          [
            [
              [105.1, 9.1],
              [105.3, 9.1],
              [105.3, 9.3],
              [105.1, 9.3],
              [105.1, 9.1],
            ],
          ],
        ])
      : undefined,
};

/** Rules and alerts on a database, wired as the product wires them. `restart` is a new process on the same rows. */
export async function startRules(options: {
  database: OpenDatabase;
  devices: DeviceDirectory;
  clock?: Clock & { advance(ms: number): void; set(ms: number): void };
}) {
  const { database, devices } = options;
  const logger = testLogger();
  const clock = options.clock ?? manualClock(Date.UTC(2026, 10, 22, 1));
  const bus: Bus = createMemoryBus(logger);
  const health = createHealth(clock);
  const audit = testTrail(database, clock);
  const alerts = createAlerts({
    database,
    bus,
    clock,
    logger,
    health,
    audit,
    dataDir: '/nowhere',
    snapshotSource: null,
  });
  const rules = await createRules({
    database,
    bus,
    clock,
    logger,
    health,
    audit,
    devices,
    areas: testAreas,
    alerts,
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  await rules.start();
  await rules.settled();
  const commit = async (effects: Effect[]) => {
    const announcements = await database.transaction((tx) => rules.engine.persist(tx, effects));
    for (const { event, data } of announcements) bus.emit(event, data);
    return announcements;
  };
  return {
    ...rules,
    clock,
    bus,
    health,
    alerts,
    commit,
    evaluate: (items: readonly Evaluable[]) => items.flatMap((item) => rules.engine.evaluate(item)),
    /** One batch, as ingest would carry it. */
    feed: (items: readonly Evaluable[]) => commit(items.flatMap((item) => rules.engine.evaluate(item))),
  };
}
export type RunningRules = Awaited<ReturnType<typeof startRules>>;

/** Series numbers as the directory of series would give them: one per device and quantity. */
const series = new Map<string, number>();

export function seriesId(deviceId: string, quantity: string): number {
  const key = `${deviceId}\n${quantity}`;
  const id = series.get(key) ?? series.size + 1;
  series.set(key, id);
  return id;
}

export function reading(
  deviceId: string,
  timeMs: number,
  value: number,
  more: Partial<Observation> = {},
): Observation {
  const quantity = more.quantity ?? 'pm25';
  return {
    kind: 'value',
    deviceId,
    seriesId: seriesId(deviceId, quantity),
    quantity,
    timeMs,
    value,
    quality: 0,
    areaId: 'commune-a',
    position: [105.15, 9.18],
    ...more,
  };
}
