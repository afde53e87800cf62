import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import type { DeviceRecord } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { seedAlertWorld } from '../../test/support/alert-signals.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  startRules,
} from '../../test/support/rules.ts';
import { emptyRules, seedRule } from '../../test/support/seed.ts';
import type { OpenDatabase } from '../db/index.ts';

const T0 = Date.UTC(2026, 10, 22, 1);
const MINUTE = 60_000;

describe.each(DATABASE_ADAPTERS)('silence on the $name', (adapter) => {
  let database: OpenDatabase;
  let devices: DeviceRecord[];
  let running: RunningRules | undefined;
  let clock = manualClock(T0);

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
  });
  afterAll(async () => {
    await running?.stop();
    await database?.close();
  });
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await running?.stop();
    running = undefined;
    await emptyRules(database);
    await database.query({ text: `update devices set created_at = $1`, values: [new Date(T0)] });
    devices = [deviceRecord('st-1')];
    clock = manualClock(T0);
  });

  const start = async () => {
    await running?.stop();
    running = await startRules({ database, devices: handDirectory(devices), clock });
    return running;
  };
  /** Time passes, second by second for the timers, and what they found is stored. */
  const pass = async (rules: RunningRules, ms: number) => {
    clock.advance(ms);
    await rules.settled();
  };
  /** What ingest writes beside a batch. */
  const heard = async (deviceId: string, atMs: number) => {
    await database.query({
      text: `insert into device_activity values ($1, $2, $2)
             on conflict (device_id) do update set last_received_at = excluded.last_received_at`,
      values: [deviceId, new Date(atMs)],
    });
  };
  const arrive = async (rules: RunningRules, deviceId = 'st-1', quantity = 'pm25') => {
    await rules.feed([reading(deviceId, clock.now(), 10, { quantity })]);
    await heard(deviceId, clock.now());
  };
  const alerts = () =>
    database.query<{
      rule_id: string;
      subject_id: string;
      active: boolean;
      raised_at: Date;
      cleared_at: Date | null;
      explanation: { vi: string };
    }>({
      text: 'select rule_id, subject_id, active, raised_at, cleared_at, explanation from alerts order by id',
      values: [],
    });
  const tenMinutes = () => seedRule(database, { id: 'silent', kind: 'missing-data', params: { forS: 600 } });

  it('raises after the span and not a second before; the next message clears', async () => {
    await tenMinutes();
    const rules = await start();
    await arrive(rules);
    await pass(rules, 10 * MINUTE - 1000);
    expect(await alerts()).toEqual([]);
    await pass(rules, 1000);
    expect(await alerts()).toMatchObject([
      {
        subject_id: 'st-1',
        active: true,
        raised_at: new Date(T0 + 10 * MINUTE),
        explanation: { vi: 'Thiết bị không có dữ liệu trong 10 phút (lần cuối lúc 08:00)' },
      },
    ]);
    await pass(rules, 20 * MINUTE);
    await arrive(rules);
    expect(await alerts()).toMatchObject([{ active: false, cleared_at: new Date(T0 + 30 * MINUTE) }]);
    await pass(rules, 10 * MINUTE);
    expect(await alerts()).toHaveLength(2);
  });

  it('stays quiet while messages come, whatever their quality and time', async () => {
    await tenMinutes();
    const rules = await start();
    for (let i = 0; i < 30; i += 1) {
      await rules.feed([reading('st-1', T0 - i * MINUTE, 5, { quality: 4 })]);
      await pass(rules, 5 * MINUTE);
    }
    expect(await alerts()).toEqual([]);
  });

  it('raises at minute ten although the process died in minute seven', async () => {
    await tenMinutes();
    const before = await start();
    await arrive(before);
    await pass(before, 7 * MINUTE);
    // Other devices were heard until the end, so the centre was deaf for two seconds only.
    await heard('st-2', clock.now());
    await before.stop();
    clock.advance(2000);
    const after = await start();
    await pass(after, 3 * MINUTE - 2000);
    expect(await alerts()).toEqual([]);
    await pass(after, 3000);
    expect((await alerts()).map((alert) => alert.active)).toEqual([true]);
  });

  it('does not count the time in which the centre itself was away', async () => {
    await tenMinutes();
    const before = await start();
    await arrive(before);
    await pass(before, 4 * MINUTE);
    await heard('st-2', clock.now());
    await before.stop();
    clock.advance(5 * 60 * MINUTE);
    const after = await start();
    await pass(after, 5 * MINUTE);
    expect(await alerts()).toEqual([]);
    // Four minutes before and six after the gap make ten.
    await pass(after, 1 * MINUTE);
    expect(await alerts()).toHaveLength(1);
  });

  it('keeps a standing alert over a restart and clears it by the next message', async () => {
    await tenMinutes();
    const before = await start();
    await arrive(before);
    await pass(before, 11 * MINUTE);
    await before.stop();
    const after = await start();
    await pass(after, 30 * MINUTE);
    expect(await alerts()).toHaveLength(1);
    await arrive(after);
    expect(await alerts()).toMatchObject([{ active: false }]);
  });

  it('judges each quantity by itself, and only those that the device has ever sent', async () => {
    await seedRule(database, {
      id: 'no-dust',
      kind: 'missing-data',
      params: { quantity: 'pm25', forS: 600 },
    });
    await seedRule(database, {
      id: 'no-ozone',
      kind: 'missing-data',
      params: { quantity: 'o3', forS: 600 },
    });
    await seedRule(database, {
      id: 'no-noise',
      kind: 'missing-data',
      params: { quantity: 'noise', forS: 600 },
      appliesTo: { devices: ['st-1'] },
    });
    const rules = await start();
    await arrive(rules, 'st-1', 'pm25');
    for (let i = 0; i < 12; i += 1) {
      await pass(rules, MINUTE);
      await arrive(rules, 'st-1', 'temperature');
    }
    // Never sent ozone: nothing is missing. Noise was asked for by name, and never came.
    expect((await alerts()).map((alert) => alert.rule_id).sort()).toEqual(['no-dust', 'no-noise']);
  });

  it('never raises for a device that is switched off, and ends what stands', async () => {
    await tenMinutes();
    const rules = await start();
    await arrive(rules);
    await pass(rules, 11 * MINUTE);
    expect((await alerts()).map((alert) => alert.active)).toEqual([true]);
    devices[0] = deviceRecord('st-1', { enabled: false });
    rules.bus.emit('registry.changed', { kind: 'device', id: 'st-1' });
    await pass(rules, 1000);
    expect((await alerts()).map((alert) => alert.active)).toEqual([false]);
    await pass(rules, 60 * MINUTE);
    expect(await alerts()).toHaveLength(1);
  });

  it('begins with a device that is registered later from its registration', async () => {
    await tenMinutes();
    const rules = await start();
    await arrive(rules);
    await pass(rules, 5 * MINUTE);
    devices.push(deviceRecord('st-9'));
    rules.bus.emit('registry.changed', { kind: 'device', id: 'st-9' });
    await pass(rules, 1000);
    await pass(rules, 5 * MINUTE);
    expect((await alerts()).map((alert) => alert.subject_id)).toEqual(['st-1']);
    await pass(rules, 5 * MINUTE);
    expect((await alerts()).map((alert) => alert.subject_id)).toEqual(['st-1', 'st-9']);
    expect((await alerts())[1]?.explanation.vi).toBe('Thiết bị chưa có dữ liệu nào (chờ 10 phút, từ 08:05)');
  });

  it('lets a new rule know what came before it', async () => {
    const rules = await start();
    await pass(rules, 60 * MINUTE);
    await arrive(rules);
    await pass(rules, 4 * MINUTE);
    await tenMinutes();
    rules.bus.emit('registry.changed', { kind: 'rule', id: 'silent' });
    await pass(rules, 0);
    await pass(rules, 5 * MINUTE);
    expect(await alerts()).toEqual([]);
    await pass(rules, 1 * MINUTE);
    expect(await alerts()).toHaveLength(1);
  });

  it('tries again when the database is away at the deadline', async () => {
    await tenMinutes();
    const real = database.transaction;
    let away = true;
    const rules = await startRules({
      database: {
        ...database,
        transaction: (work) => (away ? Promise.reject(new Error('gone')) : real(work)),
      },
      devices: handDirectory(devices),
      clock,
    });
    running = rules;
    clock.advance(10 * MINUTE);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await alerts()).toEqual([]);
    away = false;
    clock.advance(5000);
    await rules.settled();
    expect(await alerts()).toHaveLength(1);
  });
});
