import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedDatabase, migrate, migrationsHash, openEmbedded } from '../../server/db/index.ts';
import { testLogger } from './logger.ts';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/**
 * A fresh, migrated embedded database in memory. Creating one takes about 15 s, loading the archive of a migrated
 * one about 3 s, so the archive is made once per set of migrations.
 */
export async function createEmbeddedTestDatabase(): Promise<EmbeddedDatabase> {
  const socketDir = mkdtempSync(join(tmpdir(), 'haidang-embedded-'));
  const archive = join(CACHE, `embedded-${migrationsHash()}.tar`);
  const open = (loadFrom?: string) =>
    openEmbedded({ dataDir: undefined, socketDir, loadFrom, logger: testLogger() });
  let database: EmbeddedDatabase;
  if (existsSync(archive)) {
    database = await open(archive);
  } else {
    database = await open();
    await migrate(database, testLogger());
    mkdirSync(CACHE, { recursive: true });
    const partial = `${archive}.${process.pid}`;
    await database.dumpTo(partial);
    renameSync(partial, archive);
  }
  const close = database.close.bind(database);
  return {
    ...database,
    async close() {
      await close();
      rmSync(socketDir, { recursive: true, force: true });
    },
  };
}
