import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, seededRandom, systemClock } from '../../core/clock.ts';
import type { Evaluable } from '../../core/reading.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { DATABASE_ADAPTERS } from '../support/adapters.ts';
import { deviceRecord, memoryDirectory, startTestIngest } from '../support/ingest.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const AGO_MS = NOW_MS - 10 * 24 * HOUR_MS;
const iso = (ms: number) => new Date(ms).toISOString();

/** One test for each case of docs/ingest.md, "Times and values, case by case", under its name. */
describe('times and values', () => {
  let database: OpenDatabase;
  const devices = memoryDirectory([]);
  let serial = 0;
  let ingest: Awaited<ReturnType<typeof startTestIngest>>;
  /** What the rules were asked about, in this order. */
  let asked: Evaluable[] = [];

  beforeAll(async () => {
    const adapter = DATABASE_ADAPTERS.findLast(({ available }) => available);
    if (!adapter) throw new Error('no database to test on');
    database = await adapter.open();
  });
  afterEach(async () => {
    // Whatever came, the books add up.
    expect(ingest.reconcile()).toEqual([]);
    await ingest.stop();
  });
  afterAll(async () => {
    await database?.close();
  });

  const start = async (clock: Clock = systemClock) => {
    asked = [];
    const rules = {
      evaluate(item: Evaluable) {
        asked.push(item);
        return [];
      },
      persist: async () => [],
    };
    ingest = await startTestIngest({ database, devices, rules, clock, front: false });
  };
  const newDevice = (over = {}) => {
    const record = deviceRecord(`case-${++serial}`, over);
    devices.put(record);
    return record.id;
  };
  const send = (deviceId: string, body: unknown, extra = {}) =>
    ingest.intake.submit({
      source: 'http',
      deviceId,
      topic: null,
      payload: Buffer.isBuffer(body)
        ? body
        : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      receivedAtMs: Date.now(),
      ...extra,
    });
  const codesOf = async (deviceId: string, body: unknown) =>
    (await send(deviceId, body)).quarantined.map(({ code }) => code);
  const stored = async (deviceId: string, quantity = 'pm25') =>
    await database.query<{ ms: number; value: number }>(sql`
      select (extract(epoch from o.time) * 1000)::float8 as ms, o.value
      from observations o join series s on s.id = o.series_id
      where s.device_id = ${deviceId} and s.quantity = ${quantity} order by o.time`);
  const latest = async (deviceId: string) => {
    const [row] = await database.query<{ value: number }>(sql`
      select l.value from latest_values l join series s on s.id = l.series_id
      where s.device_id = ${deviceId} and s.quantity = 'pm25'`);
    return row?.value;
  };
  const at = (ms: number, pm25: unknown) => ({ ts: ms, values: { pm25 } });

  it('T1: an exact duplicate, the DUP flag, and a repeat a day later are stored once and asked about once', async () => {
    await start();
    const device = newDevice();
    expect(await send(device, at(AGO_MS, 40))).toMatchObject({ stored: 1 });
    expect(await send(device, at(AGO_MS, 40))).toMatchObject({ stored: 0, duplicates: 1 });
    expect(await send(device, at(AGO_MS, 40), { redelivered: true })).toMatchObject({ duplicates: 1 });
    // Far more than memory keeps of a series, then the first again.
    for (let n = 1; n < 30; n++) await send(device, at(AGO_MS + n * HOUR_MS, 40 + n));
    expect(await send(device, at(AGO_MS, 40), { redelivered: true })).toMatchObject({ duplicates: 1 });
    expect(await stored(device)).toHaveLength(30);
    expect(asked).toHaveLength(30);
  });

  it('T2: late data is stored, an hour, 40 days or 20 years late; the latest value and the rules do not see it', async () => {
    await start();
    const device = newDevice();
    await send(device, at(AGO_MS, 1));
    const late = [HOUR_MS, 40 * 24 * HOUR_MS, 20 * 365 * 24 * HOUR_MS];
    for (const [i, ms] of late.entries()) {
      expect(await send(device, at(AGO_MS - ms, 10 + i))).toMatchObject({ stored: 1, quarantined: [] });
    }
    expect(await stored(device)).toHaveLength(4);
    expect(await latest(device)).toBe(1);
    expect(asked).toHaveLength(1);
    expect(await codesOf(device, at(Date.UTC(1989, 11, 31), 1))).toEqual(['time.too_old']);
  });

  it('T3: what comes out of order is stored in order; the rules are asked in order', async () => {
    await start();
    const device = newDevice();
    const random = seededRandom(3);
    const order = Array.from({ length: 60 }, (_, n) => n).sort(() => random.next() - 0.5);
    await send(device, { readings: order.map((n) => at(AGO_MS + n * 1000, n)) });
    const values = Array.from({ length: 60 }, (_, n) => n);
    expect((await stored(device)).map(({ value }) => value)).toEqual(values);
    expect(asked.map((item) => (item.kind === 'value' ? item.value : -1))).toEqual(values);
  });

  it('T4: a time ahead of the clock is quarantined and never pins the latest value', async () => {
    await start();
    const device = newDevice();
    await send(device, at(NOW_MS - HOUR_MS, 1));
    const ahead = [
      Date.now() + 400_000,
      Date.now() + 3650 * 86_400_000,
      Date.UTC(4999, 0),
      '9999-12-31T23:59:59Z',
    ];
    for (const ts of ahead) {
      expect(await codesOf(device, { ts, values: { pm25: 99 } })).toEqual(['time.future']);
    }
    expect(await codesOf(device, { ts: '+294276-01-01T00:00:00Z', values: { pm25: 99 } })).toEqual([
      'time.invalid',
    ]);
    await send(device, at(NOW_MS - HOUR_MS + 1000, 2));
    expect(await latest(device)).toBe(2);
  });

  it('T5: the centre’s clock steps an hour back and forth: nothing is stuck, nothing is lost', async () => {
    let stepMs = 0;
    await start({ ...systemClock, now: () => Date.now() + stepMs });
    const device = newDevice();
    for (const [n, step] of [0, HOUR_MS, -HOUR_MS, 0].entries()) {
      stepMs = step;
      const receivedAtMs = Date.now() + step + n;
      expect(await send(device, { values: { pm25: n } }, { receivedAtMs })).toMatchObject({ stored: 1 });
    }
    expect(await stored(device)).toHaveLength(4);
    expect(ingest.stats().delayP99Ms).toBeGreaterThanOrEqual(0);
  });

  it('T6: offsets are one moment; the hour that clocks repeat, leap seconds and seconds for milliseconds are refused', async () => {
    await start();
    const device = newDevice();
    expect(await send(device, at(AGO_MS, 7))).toMatchObject({ stored: 1 });
    const local = `${iso(AGO_MS + 7 * HOUR_MS).slice(0, -1)}+07:00`;
    for (const ts of [local, iso(AGO_MS)]) {
      expect(await send(device, { ts, values: { pm25: 7 } })).toMatchObject({ stored: 0, duplicates: 1 });
    }
    const refused = [
      '2026-10-25T02:30:00',
      '2016-12-31T23:59:60Z',
      AGO_MS / 1000,
      AGO_MS * 1000,
      `${AGO_MS}`,
      '2026-02-30T00:00:00Z',
      '2026-01-01T24:00:00Z',
    ];
    for (const ts of refused)
      expect(await codesOf(device, { ts, values: { pm25: 7 } })).toEqual(['time.invalid']);
    expect(await stored(device)).toHaveLength(1);
  });

  it('T7: numbers that are none, or were rounded on the way, are refused one by one; the others are exact', async () => {
    await start();
    const device = newDevice({ type: 'generic-json' });
    const body = `{"ts":${AGO_MS},"values":{"a":1e999,"b":-1e999,"c":9007199254740993,"d":-0,"e":5e-324,"f":9007199254740991}}`;
    expect((await codesOf(device, body)).sort()).toEqual([
      'value.not_finite',
      'value.not_finite',
      'value.unsafe_integer',
    ]);
    expect(await codesOf(device, `{"ts":${AGO_MS},"values":{"a":NaN}}`)).toEqual(['payload.not_json']);
    const values = await Promise.all(['d', 'e', 'f'].map((name) => stored(device, name)));
    expect(values.flat().map(({ value }) => value)).toEqual([0, 5e-324, 9007199254740991]);
    expect(Object.is(values[0]?.[0]?.value, -0)).toBe(false);
  });

  it('T8: a place that is none costs the place and not the values', async () => {
    await start();
    const device = newDevice({ type: 'gps-tracker', mobile: true, position: null });
    const wrong = [[105, 91], [181, 9], [540, 9], [0, 0], [9.18, 105.15], [105], [null, 9], 'here', {}, []];
    for (const [n, position] of wrong.entries()) {
      const body = { ts: AGO_MS + n * 1000, position, values: { battery: n } };
      expect(await send(device, body), JSON.stringify(position)).toMatchObject({
        stored: 1,
        quarantined: [{ code: 'position.out_of_range' }],
      });
    }
    const good = { ts: AGO_MS + 60_000, position: [-180, -90, 12], values: {} };
    expect(await send(device, good)).toMatchObject({ stored: 1, quarantined: [] });
  });

  it('T9: a body that is no clean JSON is refused whole, at once, and changes no prototype', async () => {
    await start();
    const device = newDevice();
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const bodies: [string | Buffer, string][] = [
      ['{"values": {"pm25": 1', 'payload.not_json'],
      [`{"values": ${deep}}`, 'payload.schema'],
      ['{"values": {"pm25": 1, "pm25": 2}}', 'payload.schema'],
      ['{"values": {"pm25": 1, "pm\\u00325": 2}}', 'payload.schema'],
      ['{"__proto__": {"polluted": 1}, "values": {"pm25": 1}}', 'payload.schema'],
      ['{"values": {"__proto__": 1}}', 'payload.schema'],
      [Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 'payload.not_json'],
      ['', 'payload.not_json'],
      ['\u0000', 'payload.not_json'],
    ];
    for (const [body, code] of bodies) expect(await codesOf(device, body), String(body)).toEqual([code]);
    expect(await codesOf(device, `{"values":{"pm25":${'9'.repeat(200_000)}}}`)).toEqual(['value.not_finite']);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(await stored(device)).toEqual([]);
  });

  it('T10: more readings than a message may have refuse the message', async () => {
    await start();
    const device = newDevice();
    const readings = Array.from({ length: 5001 }, (_, n) => at(AGO_MS + n, 1));
    expect(await codesOf(device, { readings })).toEqual(['payload.schema']);
    expect(await send(device, { readings: readings.slice(1) })).toMatchObject({ stored: 5000 });
  });

  it('T11: a flood of names stops at the device’s cap; what it measured before goes on', async () => {
    await start();
    const device = newDevice({ type: 'generic-json' });
    await send(device, { ts: AGO_MS, values: { pm25: 1 } });
    for (let message = 0; message < 40; message++) {
      const names = Array.from({ length: 60 }, (_, n) => [`flood_${message}_${n}`, n]);
      await send(device, { ts: AGO_MS + message, values: Object.fromEntries(names) });
    }
    const [count] = await database.query<{ n: number }>(
      sql`select count(*) as n from series where device_id = ${device}`,
    );
    expect(count?.n).toBe(64);
    expect(await codesOf(device, { ts: AGO_MS + 999, values: { pm25: { v: 'many' } } })).toEqual([
      'value.not_number',
    ]);
    expect(await send(device, { ts: AGO_MS + 1000, values: { pm25: 2 } })).toMatchObject({ stored: 1 });
    expect(await latest(device)).toBe(2);
  });

  it('T12: a value that flaps a hundred times a second is stored as often as it comes', async () => {
    await start();
    const device = newDevice();
    const readings = Array.from({ length: 1000 }, (_, n) => at(AGO_MS + n * 10, n % 2 === 0 ? 149 : 151));
    expect(await send(device, { readings })).toMatchObject({ stored: 1000 });
    expect(asked).toHaveLength(1000);
  });
});
