import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import { act, createTestTrail } from '../../../test/support/audit.ts';
import { embeddedArchive } from '../../../test/support/embedded.ts';
import { testLogger } from '../../../test/support/logger.ts';
import { createTestDatabase, postgresBin, startCluster } from '../../../test/support/postgres.ts';
import { type OpenDatabase, openEmbedded } from '../../db/index.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
/** A new embedded database takes a loaded machine a minute, and it is opened four times. */
const LIMIT_MS = 600_000;

/** The command as a user runs it, in a process of its own. */
function haidang(args: string[], env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

/** Ten acts, anchored, as the product leaves them in its data directory. */
async function leaveTrail(database: OpenDatabase, dataDir: string): Promise<void> {
  const clock = manualClock(Date.parse('2026-11-22T01:00:00Z'));
  const test = await createTestTrail(database, clock, undefined, dataDir);
  for (let n = 1; n <= 10; n++) await database.transaction((tx) => test.trail.record(tx, act(n)));
  await test.anchor();
}
const run = (database: OpenDatabase, text: string) => database.query({ text, values: [] });

describe('haidang audit verify', () => {
  it.skipIf(!postgresBin())(
    'ends with 0 on a whole trail in PostgreSQL, with 1 and the first bad row on one that was tampered with',
    { timeout: LIMIT_MS },
    async () => {
      const cluster = startCluster();
      const database = await createTestDatabase(cluster);
      const dataDir = mkdtempSync(join(tmpdir(), 'haidang-verify-'));
      try {
        await leaveTrail(database, dataDir);
        const verify = () =>
          haidang(['audit', 'verify'], {
            HAIDANG_DATA_DIR: dataDir,
            HAIDANG_DB__URL: cluster.url(database.name),
          });
        expect(await verify()).toMatchObject({
          code: 0,
          out: expect.stringContaining('ok   centre: 10 rows, 1 to 10, anchored to 10'),
        });
        await run(database, 'alter table audit_log disable trigger user');
        await run(database, `update audit_log set actor_name = 'mai' where seq = 7`);
        expect(await verify()).toMatchObject({
          code: 1,
          out: expect.stringContaining('BAD  centre: row 7 was changed'),
        });
        await run(database, 'delete from audit_log where seq >= 6');
        expect(await verify()).toMatchObject({
          code: 1,
          out: expect.stringMatching(
            /BAD {2}centre: row 6 is gone: the tail was cut off, up to 10 \(anchored 2026/,
          ),
        });
      } finally {
        await database.close();
        cluster.remove();
        rmSync(dataDir, { recursive: true, force: true });
      }
    },
  );

  it('does the same on the embedded database, which anybody with its files can change', {
    timeout: LIMIT_MS,
  }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'haidang-verify-'));
    const open = (loadFrom?: string) =>
      openEmbedded({
        loadFrom,
        dataDir: join(dataDir, 'database'),
        socketDir: join(dataDir, 'run'),
        logger: testLogger(),
      });
    const verify = () => haidang(['audit', 'verify'], { HAIDANG_DATA_DIR: dataDir });
    try {
      const database = await open(await embeddedArchive());
      await leaveTrail(database, dataDir);
      await database.close();
      expect(await verify()).toMatchObject({
        code: 0,
        out: expect.stringContaining('ok   centre: 10 rows'),
      });
      const again = await open();
      await run(again, 'alter table audit_log disable trigger user');
      await run(again, 'delete from audit_log where seq = 4');
      await again.close();
      expect(await verify()).toMatchObject({
        code: 1,
        out: expect.stringContaining('BAD  centre: row 4 is missing'),
      });
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
