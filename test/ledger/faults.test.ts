import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../server/db/index.ts';
import { freePort } from '../support/free-port.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { faultsOf, judge } from './oracle.ts';

const CHILD = fileURLToPath(new URL('../support/ingest-child.ts', import.meta.url));
const START_MS = Date.UTC(2026, 0, 5);
const TOTAL = 1500;

interface World {
  cluster: PostgresCluster;
  database: OpenDatabase;
  proxy: FaultProxy;
  fleet: Fleet;
}

/** The machine may be slow and busy; nothing here is about speed. */
const PATIENCE_MS = 200_000;

/** Resolves when so many more are acknowledged than were, or all. */
const progress = async (fleet: Fleet, more: number) => {
  const enough = Math.min(2 * TOTAL, fleet.acknowledged + more);
  await until(`${more} more are acknowledged`, () => fleet.acknowledged >= enough, PATIENCE_MS);
};
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** Each does its harm to a fleet that has sent a third of its messages, and takes it back. */
const FAULTS: [name: string, run: (world: World) => Promise<void>][] = [
  [
    'D4: PostgreSQL stops as in a power cut and comes back',
    async ({ cluster, fleet }) => {
      cluster.stop('immediate');
      // What had been committed before may still be on its way; then there is silence.
      await turns(10);
      const acknowledged = fleet.acknowledged;
      await turns(50);
      expect(fleet.acknowledged, 'acknowledged without a database').toBe(acknowledged);
      cluster.start();
    },
  ],
  [
    'D5: the database connection of the writer is cut, three times',
    async ({ database, fleet }) => {
      for (let cut = 0; cut < 3; cut++) {
        await database.query(sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`);
        await progress(fleet, 50);
      }
    },
  ],
  [
    'D10: the table is locked for a while',
    async ({ database }) => {
      const locker = await database.acquire();
      await locker.query('begin; lock table observations in access exclusive mode');
      await turns(50);
      await locker.query('commit');
      locker.release();
    },
  ],
  [
    'D14: everything takes 200 ms longer',
    async ({ proxy, fleet }) => {
      proxy.set({ delayMs: 200 });
      await progress(fleet, 50);
      proxy.set({});
    },
  ],
  [
    'D14: the network hands over one byte at a time',
    async ({ proxy, fleet }) => {
      proxy.set({ splitBytes: 1 });
      await progress(fleet, 50);
      proxy.set({});
    },
  ],
  [
    'D14: the connection is half-open, then reset',
    async ({ proxy }) => {
      proxy.set({ halfOpen: true });
      await turns(50);
      proxy.set({});
    },
  ],
  [
    'D14: the connection is reset in the middle of a packet, three times',
    async ({ proxy, fleet }) => {
      for (let cut = 0; cut < 3; cut++) {
        proxy.reset();
        await progress(fleet, 50);
      }
    },
  ],
  [
    'D14: acknowledgements are lost on their way',
    async ({ proxy }) => {
      proxy.set({ loseAnswers: true });
      await turns(50);
      proxy.set({});
    },
  ],
];

describe.skipIf(!postgresBin())('nothing is lost, doubled or made up when', () => {
  let cluster: PostgresCluster;
  let database: OpenDatabase & { name: string };
  let child: ChildProcess;
  let proxy: FaultProxy;
  const dir = mkdtempSync(join(tmpdir(), 'haidang-ledger-'));
  const ids = FAULTS.flatMap((_, i) => [`fault-${i}-a`, `fault-${i}-b`]);

  beforeAll(async () => {
    cluster = startCluster();
    database = await createTestDatabase(cluster);
    const port = await freePort();
    const argument = JSON.stringify({ url: cluster.url(database.name), port, devices: ids });
    child = spawn(process.execPath, [CHILD, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout ?? child, 'data');
    proxy = await startFaultProxy(() => port);
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await proxy?.close();
    await database?.close();
    cluster?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(FAULTS.map(([name, run], index) => ({ name, run, index })))(
    '$name',
    { timeout: PATIENCE_MS },
    async ({ run, index }) => {
      const ledger = new Ledger(join(dir, String(index)));
      const fleet = createFleet({
        port: proxy.port,
        devices: ids
          .filter((id) => id.startsWith(`fault-${index}-`))
          .map((id) => ({ id, username: id, password: `${id}-secret`, topic: `ioc/v1/main/${id}/up` })),
        ledger,
        timeAt: (n) => START_MS + n * 1000,
        valueAt: (_, n) => n,
        window: 50,
      });
      try {
        const sending = fleet.run(TOTAL);
        await progress(fleet, (2 * TOTAL) / 3);
        await run({ cluster, database, proxy, fleet });
        await sending;
        ledger.close();
        const verdict = await judge(database, ledger.read(), { quantity: 'pm25' });
        expect(faultsOf(verdict)).toBeUndefined();
        expect(verdict.acknowledged).toBe(2 * TOTAL);
        expect(verdict.stored).toBe(2 * TOTAL);
      } finally {
        fleet.destroy();
      }
    },
  );
});
