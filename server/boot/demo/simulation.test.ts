import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import type { LonLat } from '../../../core/reading.ts';
import { type DeviceTypes, loadDeviceTypes } from '../../../devices/index.ts';
import { testLogger } from '../../../test/support/logger.ts';
import { readSeed, type Seed } from './seed.ts';
import { createSimulation, type SimulatedDevice } from './simulation.ts';
import { worldOf } from './world.ts';

const FOLDER = join(import.meta.dirname, '../../../config/provinces/demo');
const START = Date.UTC(2026, 10, 23, 1);
const CENTRE: LonLat = [105.47, 9.17];

interface Sent {
  deviceId: string;
  atMs: number;
  body: { ts?: number; values?: Record<string, number>; readings?: { ts: number }[] };
}

describe('the simulation of the sample province', () => {
  let seed: Seed;
  let types: DeviceTypes;
  beforeAll(async () => {
    [seed, types] = await Promise.all([readSeed(FOLDER), loadDeviceTypes()]);
  });

  function province(options: { connectedAfterMs?: number; history?: boolean } = {}) {
    const clock = manualClock(START);
    const sent: Sent[] = [];
    const dropped: string[] = [];
    const devices: SimulatedDevice[] = seed.devices.map((device) => ({
      id: device.id,
      type: device.type,
      position: device.position,
      intervalS: device.expectedIntervalS ?? types.get(device.type)?.expectedIntervalS ?? 60,
      properties: device.properties ?? {},
      hasHistory: options.history ?? false,
      modem: {
        connected: async () => {},
        send(body) {
          if (clock.now() < START + (options.connectedAfterMs ?? 0)) return false;
          sent.push({ deviceId: device.id, atMs: clock.now(), body: body as Sent['body'] });
          return true;
        },
        async deliver(body) {
          sent.push({ deviceId: device.id, atMs: clock.now(), body: body as Sent['body'] });
        },
        dropOut: () => dropped.push(`${device.id} out`),
        restore: () => dropped.push(`${device.id} back`),
        close: async () => {},
      },
    }));
    const simulation = createSimulation({
      life: seed.life,
      world: worldOf(seed.life, CENTRE, START),
      types,
      devices,
      motionOf: () => undefined,
      startMs: START,
      clock,
      logger: testLogger(),
    });
    return { clock, sent, dropped, simulation };
  }

  it('lets every device be heard within two seconds of its connection', () => {
    const { clock, sent, simulation } = province({ connectedAfterMs: 3000 });
    simulation.start();
    clock.advance(5000);
    expect(new Set(sent.map((s) => s.deviceId)).size).toBe(seed.devices.length);
    simulation.stop();
  });

  it('sends each at its own beat, the same again from the same seed', () => {
    const run = () => {
      const { clock, sent, simulation } = province();
      simulation.start();
      clock.advance(120_000);
      simulation.stop();
      return sent;
    };
    const first = run();
    expect(run()).toEqual(first);
    const times = first.filter((s) => s.deviceId === 'dx-01').map((s) => s.atMs);
    expect(times.length).toBeGreaterThanOrEqual(8);
    for (let i = 2; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBe(15_000);
  });

  it('brings the smoke to the river port within two minutes of the start', () => {
    const { clock, sent, simulation } = province();
    simulation.start();
    clock.advance(120_000);
    const port = sent.filter((s) => s.deviceId === 'kk-04').map((s) => s.body.values?.pm25 ?? 0);
    expect(port[0]).toBeLessThan(60);
    expect(Math.max(...port)).toBeGreaterThan(150);
    simulation.stop();
  });

  it('lets a modem drop out and come back as the life of the province says', () => {
    const { clock, sent, dropped, simulation } = province();
    const outage = seed.life.outages.find((o) => o.device === 'dx-14');
    if (!outage) throw new Error('the sample has this outage');
    simulation.start();
    clock.advance((outage.startS + outage.durationS + 60) * 1000);
    expect(dropped.filter((d) => d.startsWith('dx-14'))).toEqual(['dx-14 out', 'dx-14 back']);
    const during = sent.filter(
      (s) =>
        s.deviceId === 'dx-14' &&
        s.atMs > START + (outage.startS + 60) * 1000 &&
        s.atMs < START + (outage.startS + outage.durationS) * 1000,
    );
    expect(during).toEqual([]);
    simulation.stop();
  });

  it('sends the last day of new devices, beside what is live and each moment once', async () => {
    const { clock, sent, simulation } = province({ history: true });
    simulation.start();
    const batches = () => sent.filter((s) => s.deviceId === 'kk-01' && s.body.readings);
    for (let i = 0; i < 600 && batches().length < 6; i++) {
      clock.advance(1000);
      for (let k = 0; k < 4; k++) await Promise.resolve();
    }
    const times = batches().flatMap((s) => s.body.readings?.map((r) => r.ts) ?? []);
    expect(times.length).toBe(144);
    expect(new Set(times).size).toBe(144);
    expect(Math.max(...times)).toBeLessThan(START);
    expect(Math.min(...times)).toBe(START - 24 * 3_600_000);
    expect(sent.some((s) => s.body.readings && s.deviceId.startsWith('gps'))).toBe(false);
    simulation.stop();
  });
});
