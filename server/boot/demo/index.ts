/**
 * The sample province alive: its registry planted, its devices connected to the device front with their own
 * credentials, its units on the road. Nothing in it is known to the rest of the product.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.ts';
import type { Bus, Logger, SecretStore } from '../../../core/ports.ts';
import type { ProvinceProfile } from '../../../core/profile.ts';
import type { DeviceTypes } from '../../../devices/index.ts';
import { type Centre, deskOf, registrarOf } from './centre.ts';
import { createCrews, type Mover } from './crews.ts';
import { createModem, type Modem } from './modem.ts';
import { plant } from './plant.ts';
import { readRoadGraph } from './roads.ts';
import { readSeed, type Seed } from './seed.ts';
import { createSimulation, type SimulatedDevice } from './simulation.ts';
import { worldOf } from './world.ts';

export { createModem } from './modem.ts';

export interface DemoOptions {
  profile: ProvinceProfile;
  /** `config/provinces` */
  provincesDir: string;
  dataDir: string;
  /** Where the device front listens. */
  mqtt: { host: string; port: number };
  types: DeviceTypes;
  centre: Centre;
  secrets: SecretStore;
  bus: Bus;
  clock: Clock;
  logger: Logger;
}

export interface Demo {
  /** File with the sample accounts' passwords, when they were made just now. */
  accountsFile: string | undefined;
  stats(): { sent: number; skipped: number };
  stop(): Promise<void>;
}

/** So many connections are opened at a time, as after a power cut that does not come back everywhere at once. */
const CONNECT_AT_ONCE = 12;
const CONNECT_PAUSE_MS = 120;
/** The device front closes the connections of a device that was just changed, a moment after it hears of it. */
const AFTER_CHANGE_MS = 1500;

/**
 * Plants the registry, then lets the province live until `stop`. The device front must be open. Undefined = this
 * province has nothing to show.
 */
export async function startDemo(options: DemoOptions): Promise<Demo | undefined> {
  const { profile, types, clock, logger, bus } = options;
  const folder = join(options.provincesDir, profile.province.mapFolder ?? '');
  if (profile.province.mapFolder === undefined || !existsSync(join(folder, 'seed'))) {
    logger.warn(
      { province: profile.code },
      'the demonstration is on, but this province has no sample registry',
    );
    return undefined;
  }
  const seed = await readSeed(folder);
  const planted = await plant({ ...options, seed, folder, registrar: registrarOf(options.centre) });
  const graph = await readRoadGraph(folder);

  const startMs = clock.now();
  const crews = createCrews({
    graph,
    seed: seed.life.seed,
    movers: moversOf(seed),
    startMs,
    clock,
    bus,
    desk: deskOf(options.centre),
    logger,
  });
  const settled =
    planted.newDevices.size === 0
      ? Promise.resolve()
      : new Promise<void>((go) => clock.after(AFTER_CHANGE_MS, go));
  await Promise.all([crews.start(), settled]);

  const devices: SimulatedDevice[] = [];
  const modems: Modem[] = [];
  for (const [index, device] of seed.devices.entries()) {
    const credential = planted.credentials.get(device.id);
    const type = types.get(device.type);
    if (!credential || !type) continue;
    if (index % CONNECT_AT_ONCE === 0) await new Promise<void>((go) => clock.after(CONNECT_PAUSE_MS, go));
    const modem = createModem({ ...options.mqtt, deviceId: device.id, credential, logger });
    modems.push(modem);
    devices.push({
      id: device.id,
      type: device.type,
      position: device.position,
      intervalS: device.expectedIntervalS ?? type.expectedIntervalS,
      properties: device.properties ?? {},
      hasHistory: planted.newDevices.has(device.id),
      modem,
    });
  }
  const simulation = createSimulation({
    life: seed.life,
    world: worldOf(seed.life, profile.province.mapCenter, startMs),
    types,
    devices,
    motionOf: crews.motionOf,
    startMs,
    clock,
    logger,
  });
  simulation.start();
  logger.info({ devices: devices.length, units: seed.units.length }, 'the sample province is alive');

  return {
    accountsFile: planted.accountsFile,
    stats: simulation.stats,
    async stop() {
      simulation.stop();
      crews.stop();
      await Promise.all(modems.map((modem) => modem.close()));
    },
  };
}

function moversOf(seed: Seed): Mover[] {
  return [
    ...seed.units.map(({ unit, home, patrol, dwellS }) => ({
      deviceId: unit.trackerDeviceId,
      unitId: unit.id,
      posts: [home, ...patrol],
      dwellS,
    })),
    ...seed.life.movers.map(({ device, patrol, dwellS }) => ({ deviceId: device, posts: patrol, dwellS })),
  ];
}
