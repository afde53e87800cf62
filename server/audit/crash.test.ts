import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { act } from '../../test/support/audit.ts';
import { embeddedArchive } from '../../test/support/embedded.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createTestDatabase, postgresBin, startCluster } from '../../test/support/postgres.ts';
import { until } from '../../test/support/wait.ts';
import { type OpenDatabase, openEmbedded } from '../db/index.ts';
import { checkTrail } from './check.ts';
import { createTrail } from './trail.ts';

const CHILD = fileURLToPath(new URL('../../test/support/audit-child.ts', import.meta.url));

/** A new embedded database takes a loaded machine a minute. */
const WAIT_MS = 400_000;
const LIMIT_MS = 600_000;

/** A process that writes acts; what it said was committed is counted. */
function startWriter(kind: string, place: string, writers: number, archive: string[] = []) {
  const child: ChildProcess = spawn(process.execPath, [CHILD, kind, place, String(writers), ...archive], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let committed = 0;
  if (child.stdout) createInterface({ input: child.stdout }).on('line', () => (committed += 1));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    committed: () => Math.max(0, committed - 1),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

const verify = (database: OpenDatabase) =>
  checkTrail({ database, folder: '/nowhere', keys: new Map(), nowMs: () => Date.now() });

describe.skipIf(!postgresBin())('the chains on PostgreSQL', () => {
  it('have no gap and no fork with 32 writers at once, killed in the middle', {
    timeout: LIMIT_MS,
  }, async () => {
    const cluster = startCluster();
    const database = await createTestDatabase(cluster);
    try {
      let said = 0;
      for (let round = 0; round < 2; round++) {
        const writers = [startWriter('postgres', cluster.url(database.name), 16)];
        writers.push(startWriter('postgres', cluster.url(database.name), 16));
        await until('some acts', () => writers.every((writer) => writer.committed() > 60), WAIT_MS);
        for (const writer of writers) await writer.kill();
        said += writers.reduce((sum, writer) => sum + writer.committed(), 0);
      }
      // What the killed connections had under way is decided before anybody else takes the chain.
      const trail = createTrail({ database, clock: systemClock, logger: testLogger() });
      await database.transaction((tx) => trail.record(tx, act(0)));
      const { chains } = await verify(database);
      expect(chains.map(({ chain, firstBad }) => [chain, firstBad])).toEqual([
        ['centre', null],
        ['so-a', null],
        ['so-b', null],
      ]);
      expect(chains.every(({ rows, head }) => rows === head?.seq)).toBe(true);
      expect(chains.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(said + 1);
    } finally {
      await database.close();
      cluster.remove();
    }
  });
});

describe('the chains on the embedded database', () => {
  it('have no gap after the process was killed in the middle', { timeout: LIMIT_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'haidang-crash-'));
    const writer = startWriter('embedded', folder, 32, [await embeddedArchive()]);
    await until('some acts', () => writer.committed() > 60, WAIT_MS);
    await writer.kill();
    const said = writer.committed();
    const database = await openEmbedded({
      dataDir: join(folder, 'database'),
      socketDir: join(folder, 'run'),
      logger: testLogger(),
    });
    try {
      const { chains } = await verify(database);
      expect(chains).toHaveLength(3);
      expect(chains.filter(({ firstBad }) => firstBad !== null)).toEqual([]);
      expect(chains.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(said);
    } finally {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
