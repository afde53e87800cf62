import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/clock.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { createPublisher, type Publisher } from '../../tools/replay/publisher.ts';
import { freePort } from '../support/free-port.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

const CHILD = fileURLToPath(new URL('../support/ingest-child.ts', import.meta.url));
const START_MS = Date.UTC(2026, 0, 5);
/** Printed with the test: the same seed kills at the same points of the run. */
const SEED = Number(process.env.HAIDANG_TEST_SEED ?? 20261122);

/** The machine may be slow and busy; nothing here is about speed. */
const PATIENCE_MS = 200_000;

describe.skipIf(!postgresBin())(
  'every acknowledged number is in the database once',
  { timeout: PATIENCE_MS },
  () => {
    let cluster: PostgresCluster;
    let database: OpenDatabase & { name: string };
    const children = new Set<ChildProcess>();
    const publishers = new Set<Publisher>();

    beforeAll(async () => {
      cluster = startCluster();
      database = await createTestDatabase(cluster);
    });
    afterAll(async () => {
      for (const publisher of publishers) publisher.destroy();
      for (const child of children) child.kill('SIGKILL');
      await database?.close();
      cluster?.remove();
    });

    const startChild = async (port: number, devices: string[], extra = {}) => {
      const argument = JSON.stringify({ url: cluster.url(database.name), port, devices, ...extra });
      const child = spawn(process.execPath, [CHILD, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.add(child);
      child.once('exit', () => children.delete(child));
      await once(child.stdout, 'data');
      return child;
    };

    /** A device that numbers its messages and keeps each until it is acknowledged. */
    const startPublisher = (port: number, id: string, total: number) => {
      const options = {
        url: `mqtt://127.0.0.1:${port}`,
        username: id,
        password: `${id}-secret`,
        window: 100,
      };
      const client = createPublisher(options);
      publishers.add(client);
      const acked = new Set<number>();
      const send = async () => {
        for (let n = 0; n < total; n++) {
          await client.ready();
          const body = JSON.stringify({ ts: START_MS + n * 1000, values: { pm25: n, pm10: n }, seq: n });
          client.publish(`ioc/v1/main/${id}/up`, body).then(
            () => acked.add(n),
            () => undefined,
          );
        }
        await client.end();
      };
      return { client, acked, done: send() };
    };

    const check = async (id: string, acked: ReadonlySet<number>, total: number) => {
      const rows = await database.query<{ quantity: string; ms: number; value: number }>(sql`
      select s.quantity, (extract(epoch from o.time) * 1000)::float8 as ms, o.value
      from observations o join series s on s.id = o.series_id where s.device_id = ${id}`);
      for (const quantity of ['pm25', 'pm10']) {
        const of = rows.filter((row) => row.quantity === quantity);
        const numbers = of.map((row) => row.value);
        expect(new Set(numbers).size, 'stored twice').toBe(numbers.length);
        expect(
          [...acked].filter((n) => !numbers.includes(n)),
          'acknowledged and lost',
        ).toEqual([]);
        expect(
          numbers.filter((n) => n < 0 || n >= total),
          'never sent',
        ).toEqual([]);
        expect(
          of.filter((row) => row.ms !== START_MS + row.value * 1000),
          'changed on the way',
        ).toEqual([]);
      }
      const [latest] = await database.query<{ value: number }>(sql`
      select l.value from latest_values l join series s on s.id = l.series_id
      where s.device_id = ${id} and s.quantity = 'pm25'`);
      expect(latest?.value).toBe(Math.max(...rows.map((row) => row.value)));
    };

    it(`D1: when the process is killed again and again at any point (seed ${SEED})`, async () => {
      const random = seededRandom(SEED);
      const port = await freePort();
      const ids = ['killed-1', 'killed-2'];
      const total = 6000;
      let child = await startChild(port, ids);
      const sending = ids.map((id) => startPublisher(port, id, total));
      const ackedSum = () => sending.reduce((sum, { acked }) => sum + acked.size, 0);
      for (let kill = 1; kill <= 4; kill++) {
        const at = Math.min(ids.length * total - 200, ackedSum() + 500 + Math.floor(random.next() * 1500));
        await until(`${at} are acknowledged`, () => ackedSum() >= at, PATIENCE_MS);
        child.kill('SIGKILL');
        await once(child, 'exit');
        child = await startChild(port, ids);
      }
      await Promise.all(sending.map(({ done }) => done));
      for (const [index, id] of ids.entries()) {
        const acked = sending[index]?.acked ?? new Set();
        expect(acked.size).toBe(total);
        await check(id, acked, total);
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
    });

    it.each([
      ['D3', 'right before a commit: nothing of it is stored, all of it comes again', 'commit'],
      ['D2', 'between commit and PUBACK: what comes again is stored once', 'ack'],
    ] as const)('%s: when the process dies %s', async (_, __, dieAt) => {
      const port = await freePort();
      const id = `dies-at-${dieAt}`;
      const total = 1000;
      const first = await startChild(port, [id], { dieAt, dieAfter: 4 });
      const publisher = startPublisher(port, id, total);
      await once(first, 'exit');
      const ackedBefore = publisher.acked.size;
      const [before] = await database.query<{ rows: number }>(sql`
      select count(*) as rows from observations o join series s on s.id = o.series_id
      where s.device_id = ${id} and s.quantity = 'pm25'`);
      if (dieAt === 'commit') expect(before?.rows).toBe(ackedBefore);
      else expect(before?.rows).toBeGreaterThan(ackedBefore);
      const second = await startChild(port, [id]);
      await publisher.done;
      await check(id, publisher.acked, total);
      second.kill('SIGTERM');
      const [said] = (await once(second.stdout ?? new EventTarget(), 'data')) as [Buffer];
      await once(second, 'exit');
      const stats = JSON.parse(String(said)) as { duplicateTotal: number };
      if (dieAt === 'ack') expect(stats.duplicateTotal).toBeGreaterThan(0);
      else expect(stats.duplicateTotal).toBe(0);
    });

    it('D15: when it is asked to stop under load: it ends by itself in time, and nothing is lost', async () => {
      const port = await freePort();
      const id = 'stopped';
      const total = 4000;
      const first = await startChild(port, [id]);
      const publisher = startPublisher(port, id, total);
      await until('it is busy', () => publisher.acked.size > 500, PATIENCE_MS);
      first.kill('SIGTERM');
      const [code] = (await once(first, 'exit')) as [number | null];
      expect(code).toBe(0);
      const second = await startChild(port, [id]);
      await publisher.done;
      await check(id, publisher.acked, total);
      second.kill('SIGKILL');
      await once(second, 'exit');
    });
  },
);
