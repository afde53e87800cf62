import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../core/errors.ts';
import type { RuleEngine } from '../../core/ports.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { deviceRecord, memoryDirectory, noRules, startTestIngest } from '../../test/support/ingest.ts';
import {
  createTestDatabase,
  type PostgresCluster,
  postgresBin,
  startCluster,
} from '../../test/support/postgres.ts';
import { until } from '../../test/support/wait.ts';

const START_MS = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;

describe.skipIf(!postgresBin())('the writer when PostgreSQL fails', () => {
  let cluster: PostgresCluster;
  let database: OpenDatabase;
  let ingest: Awaited<ReturnType<typeof startTestIngest>>;
  const devices = memoryDirectory([]);
  let serial = 0;

  beforeAll(async () => {
    cluster = startCluster();
    database = await createTestDatabase(cluster);
  });
  afterEach(async () => {
    await ingest.stop();
  });
  afterAll(async () => {
    await database?.close();
    cluster?.remove();
  });

  const newDevice = () => {
    const record = deviceRecord(`device-${++serial}`);
    devices.put(record);
    return record.id;
  };
  const start = async (rules: RuleEngine = noRules) => {
    ingest = await startTestIngest({ database, devices, rules, front: false });
  };
  const send = (deviceId: string, n: number) =>
    ingest.intake.submit({
      source: 'http',
      deviceId,
      topic: null,
      payload: Buffer.from(JSON.stringify({ ts: START_MS + n * 1000, values: { pm25: n } })),
      receivedAtMs: Date.now(),
    });
  const storedValues = async (deviceId: string) =>
    (
      await database.query<{ value: number }>(sql`
        select value from observations o join series s on s.id = o.series_id
        where device_id = ${deviceId} order by value`)
    ).map((row) => row.value);
  const writerState = () => ingest.healthOf('ingest.writer')?.state;

  /** Rules whose writing does something nasty the first time. */
  const nastyOnce = (nasty: (tx: Parameters<RuleEngine['persist']>[0]) => Promise<unknown>): RuleEngine => {
    let done = false;
    return {
      evaluate: ({ deviceId }) => [
        { ruleId: 'r', ruleVersion: 1, subjectType: 'device', subjectId: deviceId, state: 1, signal: null },
      ],
      async persist(tx) {
        if (!done) {
          done = true;
          await nasty(tx);
        }
        return [];
      },
    };
  };

  it('tries again on a new connection when the old one is cut in the middle of a batch', async () => {
    const device = newDevice();
    await start(nastyOnce((tx) => tx.query(sql`select pg_terminate_backend(pg_backend_pid())`)));
    expect(await send(device, 1)).toMatchObject({ stored: 1 });
    expect(await storedValues(device)).toEqual([1]);
    expect(writerState()).toBe('ok');
  });

  it.each(['40001', '40P01', '55P03', '57014', '25006'])(
    'D10: tries again after SQLSTATE %s',
    async (state) => {
      const device = newDevice();
      await start(
        nastyOnce((tx) =>
          tx.query({
            text: `do $$ begin raise exception 'injected' using errcode = '${state}'; end $$`,
            values: [],
          }),
        ),
      );
      expect(await send(device, 1)).toMatchObject({ stored: 1, duplicates: 0 });
      expect(await storedValues(device)).toEqual([1]);
    },
  );

  it('D7: says that storage is full, keeps what it has, and goes on when there is room again', async () => {
    const device = newDevice();
    let full = true;
    await start({
      evaluate: nastyOnce(async () => undefined).evaluate,
      async persist(tx) {
        if (full) {
          await tx.query(sql`do $$ begin raise exception 'no space' using errcode = '53100'; end $$`);
        }
        return [];
      },
    });
    const held = send(device, 1);
    await until('the outage is shown', () => writerState() === 'down');
    expect(ingest.healthOf('ingest.writer')?.code).toBe('storage.full');
    const refused = await send(device, 2).catch((error: unknown) => error);
    expect(isAppError(refused, 'storage.full')).toBe(true);
    full = false;
    expect(await held).toMatchObject({ stored: 1 });
    expect(writerState()).toBe('ok');
    expect(await send(device, 2)).toMatchObject({ stored: 1 });
  });

  it('D10: waits out a lock on the table', async () => {
    const device = newDevice();
    await start();
    await send(device, 0);
    const locker = await database.acquire();
    await locker.query('begin; lock table observations in access exclusive mode');
    const held = send(device, 1);
    const early = await Promise.race([
      held,
      new Promise((resolve) => setTimeout(() => resolve('held'), 300)),
    ]);
    expect(early).toBe('held');
    await locker.query('commit');
    locker.release();
    expect(await held).toMatchObject({ stored: 1 });
  });

  it('loses and doubles nothing when the server dies under load and comes back', async () => {
    const device = newDevice();
    await start();
    const total = 3000;
    const outcomes: Promise<unknown>[] = [];
    let stopped = false;
    for (let n = 0; n < total; n++) {
      outcomes.push(send(device, n).catch((error: unknown) => error));
      if (n === 1000) {
        cluster.stop('immediate');
        stopped = true;
      }
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (n === 1500) await until('the outage is shown', () => writerState() === 'down');
    }
    expect(stopped).toBe(true);
    expect(writerState()).toBe('down');
    cluster.start();
    const results = await Promise.all(outcomes);
    const acknowledged = results.flatMap((result, n) =>
      typeof result === 'object' && result !== null && 'stored' in result && result.stored === 1 ? [n] : [],
    );
    // Those that came while the outage was known were told so at once.
    expect(results.filter((result) => isAppError(result, 'db.unavailable')).length).toBeGreaterThan(1000);
    expect(acknowledged.length).toBeGreaterThanOrEqual(1001);
    await until('everything accepted is settled', () => writerState() === 'ok');
    const values = await storedValues(device);
    expect(new Set(values).size).toBe(values.length);
    expect(acknowledged.filter((n) => !values.includes(n))).toEqual([]);
  });

  it('keeps batches in flight in order, also when the first of them fails', async () => {
    const ids = Array.from({ length: 4 }, newDevice);
    const order: number[] = [];
    let failures = 1;
    await start({
      evaluate: (item) => [
        {
          ruleId: 'r',
          ruleVersion: 1,
          subjectType: 'device',
          subjectId: item.deviceId,
          state: item.kind === 'value' ? item.value : 0,
          signal: null,
        },
      ],
      async persist(tx, effects) {
        if (effects.some((e) => e.state === 1500) && failures-- > 0)
          await tx.query(sql`do $$ begin raise exception using errcode = '40001'; end $$`);
        order.push(...effects.filter((e) => e.subjectId === ids[0]).map((e) => e.state as number));
        return [];
      },
    });
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < 3000; n++) {
      for (const id of ids) sent.push(send(id, n));
      if (n % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sent);
    expect(order).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });
});
