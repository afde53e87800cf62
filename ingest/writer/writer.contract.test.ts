import fc from 'fast-check';
import sql, { raw } from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LatestEvent, UnitPositionEvent } from '../../core/events.ts';
import type { Effect, IntakeReceipt, RuleEngine } from '../../core/ports.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { deviceRecord, memoryDirectory, startTestIngest } from '../../test/support/ingest.ts';

const HOUR_MS = 3_600_000;
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 48 * HOUR_MS;
const iso = (ms: number) => new Date(ms).toISOString();

for (const { name, available, open } of DATABASE_ADAPTERS) {
  describe.skipIf(!available)(`the writer on ${name}`, () => {
    let database: OpenDatabase;
    const devices = memoryDirectory([]);
    let serial = 0;
    const running: { stop(): Promise<void> }[] = [];

    beforeAll(async () => {
      database = await open();
    });
    afterEach(async () => {
      for (const ingest of running.splice(0)) await ingest.stop();
    });
    afterAll(async () => {
      await database?.close();
    });

    /** A device of its own for each test, so that they share one database without meeting. */
    const newDevice = (over = {}) => {
      const record = deviceRecord(`device-${++serial}`, over);
      devices.put(record);
      return record.id;
    };
    const start = async (rules?: RuleEngine) => {
      const ingest = await startTestIngest({ database, devices, rules, front: false });
      running.push(ingest);
      const send = (deviceId: string, body: unknown, extra = {}): Promise<IntakeReceipt> =>
        ingest.intake.submit({
          source: 'http',
          deviceId,
          topic: null,
          payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
          receivedAtMs: Date.now(),
          ...extra,
        });
      return { ingest, send };
    };
    const stored = (deviceId: string, quantity = 'pm25') =>
      database.query<{ ms: number; value: number; quality: number }>(sql`
        select (extract(epoch from o.time) * 1000)::float8 as ms, o.value, o.quality
        from observations o join series s on s.id = o.series_id
        where s.device_id = ${deviceId} and s.quantity = ${quantity} order by o.time`);
    const latest = async (deviceId: string, quantity = 'pm25') => {
      const [row] = await database.query<{ value: number; ms: number }>(sql`
        select l.value, (extract(epoch from l.time) * 1000)::float8 as ms
        from latest_values l join series s on s.id = l.series_id
        where s.device_id = ${deviceId} and s.quantity = ${quantity}`);
      return row;
    };
    const quarantined = (deviceId: string) =>
      database.query<{ code: string; reason: string; payload: Buffer | null }>(sql`
        select code, reason, payload from quarantine where device_id = ${deviceId} order by id`);
    const readings = (count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => ({
        ts: START_MS + (from + i) * 1000,
        values: { pm25: from + i },
      }));

    it('stores a reading with its latest value and activity, then announces it', async () => {
      const device = newDevice();
      const { ingest, send } = await start();
      const seen: LatestEvent[][] = [];
      ingest.bus.on('test', 'latest.changed', (events) => seen.push(events));
      const receipt = await send(device, { ts: iso(START_MS), values: { pm25: 41.2, temperature: 31 } });
      expect(receipt).toEqual({ stored: 2, duplicates: 0, quarantined: [] });
      expect(await stored(device)).toEqual([{ ms: START_MS, value: 41.2, quality: 0 }]);
      expect(await latest(device)).toEqual({ ms: START_MS, value: 41.2 });
      expect(seen).toHaveLength(1);
      expect(seen[0]).toContainEqual({
        deviceId: device,
        quantity: 'pm25',
        unit: 'ug/m3',
        timeMs: START_MS,
        value: 41.2,
        quality: 0,
        areaId: null,
        domain: 'environment',
        agencyId: null,
        class: 'internal',
        position: [105.15, 9.18],
      });
      const activity = await database.query<{ observed: Date }>(
        sql`select last_observed_at as observed from device_activity where device_id = ${device}`,
      );
      expect(activity).toEqual([{ observed: new Date(START_MS) }]);
    });

    it('keeps every number and every microsecond exactly', async () => {
      const device = newDevice({ type: 'generic-json' });
      const { send } = await start();
      let micros = START_MS * 1000;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }), {
            minLength: 1,
            maxLength: 50,
          }),
          fc.nat({ max: 999_999 }),
          async (values, step) => {
            const expected = values.map((value) => {
              micros += step + 1;
              return { ts: micros, value: value + 0 };
            });
            const isoOf = (us: number) =>
              iso(Math.floor(us / 1000)).replace('Z', `${String(us % 1000).padStart(3, '0')}Z`);
            await send(device, {
              readings: expected.map(({ ts, value }) => ({ ts: isoOf(ts), values: { level: value } })),
            });
            const rows = await database.query<{ micros: number; value: number }>(sql`
              select (extract(epoch from o.time) * 1000000)::bigint as micros, o.value
              from observations o join series s on s.id = o.series_id where s.device_id = ${device}
              and o.time >= to_timestamp(${(expected[0]?.ts ?? 0) / 1e6}) - interval '1 ms' order by o.time`);
            expect(rows.slice(-expected.length)).toEqual(
              expected.map(({ ts, value }) => ({ micros: ts, value })),
            );
          },
        ),
        { numRuns: 15 },
      );
    });

    it('stores once what is sent twice, whether memory still knows it or not', async () => {
      const device = newDevice();
      const first = await start();
      expect(await first.send(device, { readings: readings(20) })).toMatchObject({ stored: 20 });
      expect(await first.send(device, { readings: readings(1, 19) })).toMatchObject({
        stored: 0,
        duplicates: 1,
      });
      // A new process knows nothing but what is in the database.
      const second = await start();
      expect(await second.send(device, { readings: readings(25) })).toEqual({
        stored: 5,
        duplicates: 20,
        quarantined: [],
      });
      expect((await stored(device)).map((row) => row.value)).toEqual(readings(25).map((r) => r.values.pm25));
    });

    it('stores every reading without a time of its own, and a numbered one that comes again once', async () => {
      const device = newDevice();
      const { send } = await start();
      const receivedAtMs = Date.now();
      await send(device, { readings: [1, 2, 3].map((pm25) => ({ values: { pm25 } })) }, { receivedAtMs });
      await send(device, { values: { pm25: 4 } }, { receivedAtMs });
      expect((await stored(device)).map((row) => row.value)).toEqual([1, 2, 3, 4]);
      const numbered = { values: { pm25: 5 }, seq: 9 };
      expect(await send(device, numbered)).toMatchObject({ stored: 1 });
      expect(await send(device, numbered, { receivedAtMs: Date.now() + 50 })).toMatchObject({
        stored: 0,
        duplicates: 1,
      });
    });

    it('keeps the first of two different values for one moment', async () => {
      const device = newDevice();
      const { send } = await start();
      const ts = START_MS;
      expect(await send(device, { readings: [1, 2, 3].map((pm25) => ({ ts, values: { pm25 } })) })).toEqual({
        stored: 1,
        duplicates: 2,
        quarantined: [],
      });
      expect(await send(device, { ts, values: { pm25: 4 } })).toMatchObject({ stored: 0, duplicates: 1 });
      expect(await stored(device)).toEqual([{ ms: ts, value: 1, quality: 0 }]);
      expect(await latest(device)).toEqual({ ms: ts, value: 1 });
    });

    it('D11: finds the one row in thousands that the database will not have, and stores the others', async () => {
      const device = newDevice();
      await database.query(sql`alter table observations add constraint no_666 check (value <> 666.5)`);
      try {
        const { send } = await start();
        const all = readings(3000);
        const bad = all[1234];
        if (bad) bad.values.pm25 = 666.5;
        const receipt = await send(device, { readings: all });
        expect(receipt.stored).toBe(2999);
        expect(receipt.quarantined).toEqual([
          { id: expect.any(Number), code: 'value.refused', reason: expect.stringContaining('no_666') },
        ]);
        expect(await stored(device)).toHaveLength(2999);
        const [row] = await quarantined(device);
        expect(JSON.parse(String(row?.payload))).toEqual({ readings: all });
        expect(await latest(device)).toEqual({ ms: all.at(-1)?.ts, value: 2999 });
      } finally {
        await database.query(sql`alter table observations drop constraint no_666`);
      }
    });

    it('never lets the latest value go back, and asks the rules only about what is new', async () => {
      const device = newDevice();
      const asked: number[] = [];
      const { ingest, send } = await start({
        evaluate: (item) => {
          if (item.kind === 'value') asked.push(item.value);
          return [];
        },
        persist: async () => [],
      });
      const announced: number[] = [];
      ingest.bus.on('test', 'latest.changed', (events) => announced.push(...events.map((e) => e.value)));
      const at = (hours: number, pm25: number) => ({ ts: START_MS + hours * HOUR_MS, values: { pm25 } });
      await send(device, at(10, 10));
      await send(device, at(8, 8));
      await send(device, at(-24 * 40, 1));
      // Out of order within one message: put in order first, so all of it is new.
      await send(device, { readings: [at(13, 13), at(11, 11), at(12, 12), at(9, 9)] });
      expect(asked).toEqual([10, 11, 12, 13]);
      expect(announced).toEqual([10, 13]);
      expect(await latest(device)).toEqual({ ms: START_MS + 13 * HOUR_MS, value: 13 });
      expect((await stored(device)).map((row) => row.value)).toEqual([1, 8, 9, 10, 11, 12, 13]);
    });

    it('asks no rule again about what a crashed process had committed already', async () => {
      const device = newDevice();
      const first = await start();
      await first.send(device, { readings: readings(3) });
      const asked: number[] = [];
      const { send } = await start({
        evaluate: (item) => {
          if (item.kind === 'value') asked.push(item.value);
          return [];
        },
        persist: async () => [],
      });
      await send(device, { readings: readings(5) }, { redelivered: true });
      expect(asked).toEqual([3, 4]);
    });

    const effect = (deviceId: string, state: unknown): Effect => ({
      ruleId: `rule-${deviceId}`,
      ruleVersion: 1,
      subjectType: 'device',
      subjectId: deviceId,
      state,
      signal: null,
    });
    const writeState: RuleEngine['persist'] = async (tx, effects) => {
      for (const { ruleId, ruleVersion, subjectType, subjectId, state } of effects) {
        await tx.query(sql`
          insert into rule_state (rule_id, subject_type, subject_id, rule_version, state)
          values (${ruleId}, ${subjectType}, ${subjectId}, ${ruleVersion}, ${JSON.stringify(state)})
          on conflict (rule_id, subject_type, subject_id) do update set state = excluded.state`);
      }
      return [];
    };
    const stateOf = async (deviceId: string) => {
      const [row] = await database.query<{ state: unknown }>(
        sql`select state from rule_state where subject_id = ${deviceId}`,
      );
      return row?.state;
    };

    it('writes what the rules decided in the order of the readings', async () => {
      const device = newDevice();
      const { send } = await start({
        evaluate: (item) => [effect(item.deviceId, item.kind === 'value' ? item.value : null)],
        persist: writeState,
      });
      const sent = Array.from({ length: 300 }, (_, i) =>
        send(device, { ts: START_MS + i * 1000, values: { pm25: i } }),
      );
      await Promise.all(sent);
      expect(await stateOf(device)).toBe(299);
    });

    it('stores the reading even when what a rule made of it cannot be written', async () => {
      const device = newDevice();
      const { ingest, send } = await start({
        evaluate: (item) => [effect(item.deviceId, item.kind === 'value' ? item.value : null)],
        async persist(tx, effects) {
          if (effects.some(({ state }) => state === 7)) await tx.query(sql`select 1 / 0`);
          return await writeState(tx, effects);
        },
      });
      expect(await send(device, { readings: readings(20) })).toEqual({
        stored: 20,
        duplicates: 0,
        quarantined: [],
      });
      expect(await stateOf(device)).toBe(19);
      expect(ingest.healthOf('ingest.rules')?.state).toBe('degraded');
    });

    it('quarantines the refused parts of a message and stores the rest of it', async () => {
      const device = newDevice();
      const { send } = await start();
      const body = `{"ts":"${iso(START_MS)}","position":[105,95],"values":{"pm25":41.2,"pm10":1e999,"so2":"x","nonsense":1,"no2":9007199254740993,"o3":null}}`;
      const receipt = await send(device, body);
      expect(receipt.stored).toBe(1);
      expect(receipt.quarantined.map(({ code }) => code).sort()).toEqual([
        'position.out_of_range',
        'value.not_finite',
        'value.not_number',
        'value.unknown_quantity',
        'value.unsafe_integer',
      ]);
      const rows = await quarantined(device);
      expect(rows).toHaveLength(5);
      expect(rows.filter((row) => row.payload !== null).map((row) => String(row.payload))).toEqual([body]);
    });

    it.each([
      ['no JSON', '{"values":', 'payload.not_json'],
      ['a list', '[1]', 'payload.schema'],
      ['nothing in it', '{"values":{}}', 'payload.empty'],
      ['ten years ahead', { ts: iso(START_MS + 3650 * 24 * HOUR_MS), values: { pm25: 1 } }, 'time.future'],
      ['of 1980', { ts: '1980-01-06T00:00:00Z', values: { pm25: 1 } }, 'time.too_old'],
      ['epoch seconds', { ts: Math.floor(START_MS / 1000), values: { pm25: 1 } }, 'time.invalid'],
      ['broken text with NUL', '{"values":{"\\u0000\\ud800":1}}', 'value.unknown_quantity'],
    ])('quarantines a message with %s whole, with its code', async (_, body, code) => {
      const device = newDevice();
      const { send } = await start();
      const receipt = await send(device, body);
      expect(receipt).toMatchObject({ stored: 0, quarantined: [{ code }] });
      expect(await quarantined(device)).toMatchObject([{ code, payload: expect.anything() }]);
      expect(await send(device, { values: { pm25: 1 } })).toMatchObject({ stored: 1 });
    });

    it('makes at most a few rows of a message in which everything is wrong', async () => {
      const device = newDevice();
      const { send } = await start();
      const wrong = Array.from({ length: 1000 }, () => ({ values: { pm25: 'x', pm10: true } }));
      const receipt = await send(device, { readings: wrong });
      expect(receipt.quarantined.length).toBeLessThan(20);
      expect(receipt.quarantined.at(-1)?.reason).toMatch(/and \d+ more/);
    });

    it('refuses new quantities beyond the device’s cap and keeps the known ones', async () => {
      const device = newDevice({ type: 'generic-json' });
      const { send } = await start();
      const many = (from: number) =>
        Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`q${from + i}`, i]));
      await send(device, { ts: START_MS, values: many(0) });
      const receipt = await send(device, { ts: START_MS + 1000, values: { ...many(100), q0: 5 } });
      expect(receipt.stored).toBe(15);
      expect(new Set(receipt.quarantined.map(({ code }) => code))).toEqual(
        new Set(['device.too_many_quantities']),
      );
      // The cap outlives the process.
      const second = await start();
      expect(
        await second.send(device, { ts: START_MS + 2000, values: { brand_new: 1, q1: 2 } }),
      ).toMatchObject({
        stored: 1,
        quarantined: [{ code: 'device.too_many_quantities' }],
      });
    });

    it('keeps a mover’s track and moves its unit, never back', async () => {
      const device = newDevice({
        type: 'gps-tracker',
        mobile: true,
        position: null,
        unitId: `unit-${serial + 1}`,
      });
      const unit = `unit-${serial}`;
      await database.query(sql`
        insert into devices (id, site, name, type) values (${device}, 'main', 'tracker', 'gps-tracker')`);
      await database.query(sql`
        insert into units (id, name, call_sign, kind, tracker_device_id)
        values (${unit}, 'unit', 'U1', 'police', ${device})`);
      const { ingest, send } = await start();
      const moves: UnitPositionEvent[] = [];
      ingest.bus.on('test', 'unit.moved', (events) => moves.push(...events));
      const fix = (seconds: number, lon: number, extra = {}) => ({
        ts: START_MS + seconds * 1000,
        position: [lon, 9.18],
        ...extra,
      });
      await send(device, fix(10, 105.1, { speed: 42.5, heading: 118, accuracy: 4 }));
      await send(device, fix(5, 105.0));
      await send(device, { readings: [fix(30, 105.3), fix(20, 105.2)] });
      const place = await database.query(sql`
        select ST_X(geom) as lon, ST_Y(geom) as lat from unit_positions where unit_id = ${unit}`);
      expect(place).toEqual([{ lon: 105.3, lat: 9.18 }]);
      expect(moves.map(({ lon }) => lon)).toEqual([105.1, 105.3]);
      expect(moves[0]).toMatchObject({ unitId: unit, speedKmh: 42.5, headingDeg: 118, accuracyM: 4 });
      const track = await database.query<{ lon: number; speed: number | null }>(sql`
        select p.lon, p.speed_kmh as speed from positions p join series s on s.id = p.series_id
        where s.device_id = ${device} order by p.time`);
      expect(track).toEqual([
        { lon: 105, speed: null },
        { lon: 105.1, speed: 42.5 },
        { lon: 105.2, speed: null },
        { lon: 105.3, speed: null },
      ]);
      const at = await database.query<{ lon: number }>(sql`
        select p.lon from latest_positions p join series s on s.id = p.series_id where s.device_id = ${device}`);
      expect(at).toEqual([{ lon: 105.3 }]);
    });

    it('notes the hours of late values, week by week, so that their summaries are computed again', async () => {
      const device = newDevice();
      const { send } = await start();
      const [first, second] = [Date.UTC(2024, 0, 2, 3, 30), Date.UTC(2024, 0, 2, 6, 10)];
      const weekLater = Date.UTC(2024, 0, 12);
      const times = [second, first, weekLater, Date.now() - 60_000];
      await send(device, { readings: times.map((ts, i) => ({ ts, values: { pm25: i } })) });
      const noted = await database.query<{ from: Date; to: Date }>(sql`
        select from_hour as "from", to_hour as "to" from summary_pending p join series s on s.id = p.series_id
        where s.device_id = ${device} order by 1`);
      expect(noted.map(({ from, to }) => [from.toISOString(), to.toISOString()])).toEqual([
        ['2024-01-02T03:00:00.000Z', '2024-01-02T07:00:00.000Z'],
        ['2024-01-12T00:00:00.000Z', '2024-01-12T01:00:00.000Z'],
      ]);
    });

    it('makes the partition of any week it is given rows for', async () => {
      const device = newDevice();
      const { ingest, send } = await start();
      const years = [1991, 2005, 2013, 2019].map((year) => Date.UTC(year, 5, 15));
      await send(device, { readings: years.map((ts, i) => ({ ts, values: { pm25: i } })) });
      expect((await stored(device)).map((row) => row.ms)).toEqual(years);
      const [left] = await database.query<{ rows: number }>(
        sql`select coalesce(sum(row_count), 0) as rows from default_partition_rows`,
      );
      expect(left?.rows).toBe(0);
      expect(ingest.healthOf('ingest.partitions')?.state).toBe('ok');
    });

    it('D16: takes rows whose partition was dropped under it, says so, and puts them in order later', async () => {
      const device = newDevice();
      const { send } = await start();
      const ts = Date.UTC(1995, 2, 1);
      await send(device, { ts, values: { pm25: 1 } });
      const [partition] = await database.query<{ name: string }>(sql`
        select tableoid::regclass::text as name from observations where time = ${new Date(ts)}`);
      await database.query(sql`drop table ${raw(partition?.name ?? '')}`);
      expect(await send(device, { ts: ts + 1000, values: { pm25: 2 } })).toMatchObject({ stored: 1 });
      const inDefault = () => database.query(sql`select 1 from observations_default`);
      expect(await inDefault()).toHaveLength(1);
      await start();
      expect(await inDefault()).toHaveLength(0);
      expect((await stored(device)).map((row) => row.value)).toEqual([2]);
    });
  });
}
