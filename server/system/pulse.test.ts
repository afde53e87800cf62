import { describe, expect, it } from 'vitest';
import type { SystemStatus } from '../../core/api/centre.ts';
import { manualClock } from '../../core/clock.ts';
import { can, wholeCentre } from '../../core/permissions.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createMemoryBus } from '../bus/index.ts';
import { createHealth } from './index.ts';
import { createStatusService } from './service.ts';

/** A status service whose parts the test moves by hand. */
function pulse() {
  const clock = manualClock(Date.parse('2026-11-22T08:00:00+07:00'));
  const bus = createMemoryBus(testLogger());
  const health = createHealth(clock);
  const told: SystemStatus[] = [];
  bus.on('test', 'system.changed', ({ restricted }) => told.push(restricted));
  const world = { devices: 3, failing: false, watched: true, counted: 0, received: 0 };
  const service = createStatusService({
    bus,
    clock,
    logger: testLogger(),
    health,
    async counts(caller) {
      expect(can(caller, 'devices.read', wholeCentre(null))).toBe(true);
      if (can(caller, 'devices.read', wholeCentre(null, 'restricted'))) world.counted++;
      if (world.failing) throw new Error('away');
      return { devices: { total: world.devices, online: 1 }, cameras: { total: 0, online: 0 } };
    },
    ingest: () => ({
      receivedTotal: world.received,
      storedTotal: 0,
      duplicateTotal: 0,
      quarantinedTotal: 0,
      ratePerS: 0,
      delayP50Ms: null,
      delayP99Ms: null,
      // More than the contract has: stays inside.
      mqtt: { connections: 7 },
    }),
    isWatched: () => world.watched,
  });
  return {
    world,
    health,
    told,
    service,
    async beat(ms = 2000) {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the pulse of the system', () => {
  it('is told every two seconds as long as something changes, and not otherwise', async () => {
    const { world, told, service, beat } = pulse();
    service.start();
    await beat(1999);
    expect(told.length).toBe(0);
    await beat(1);
    expect(told).toEqual([
      {
        startedAt: '2026-11-22T01:00:00.000Z',
        devices: { total: 3, online: 1 },
        cameras: { total: 0, online: 0 },
        ingest: expect.not.objectContaining({ mqtt: expect.anything() }),
        health: [],
      },
    ]);
    await beat();
    await beat();
    expect([told.length, world.counted]).toEqual([1, 3]);
    world.received++;
    await beat();
    expect(told.at(-1)?.ingest.receivedTotal).toBe(1);
    service.stop();
    world.received++;
    await beat(60_000);
    expect(told.length).toBe(2);
  });

  it('tells what is wrong even when nothing can be counted', async () => {
    const { world, health, told, service, beat } = pulse();
    service.start();
    await beat();
    world.failing = true;
    health.set({ component: 'database', state: 'down', message: { vi: '', en: '' } });
    await beat();
    expect(told.at(-1)).toMatchObject({
      devices: { total: 3 },
      health: [{ component: 'database', state: 'down' }],
    });
  });

  it('counts nothing for nobody', async () => {
    const { world, told, service, beat } = pulse();
    world.watched = false;
    service.start();
    await beat();
    await beat();
    expect([world.counted, told.length]).toEqual([0, 0]);
    world.watched = true;
    await beat();
    expect(told.length).toBe(1);
  });
});
