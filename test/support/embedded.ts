import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedDatabase, migrate, migrationsHash, openEmbedded } from '../../server/db/index.ts';
import { testLogger } from './logger.ts';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/** The archive of a migrated database: made once per set of migrations, about 15 s. */
export async function embeddedArchive(): Promise<string> {
  const archive = join(CACHE, `embedded-${migrationsHash()}.tar`);
  if (existsSync(archive)) return archive;
  const socketDir = mkdtempSync(join(tmpdir(), 'haidang-embedded-'));
  const database = await openEmbedded({ dataDir: undefined, socketDir, logger: testLogger() });
  try {
    await migrate(database, testLogger());
    mkdirSync(CACHE, { recursive: true });
    const partial = `${archive}.${process.pid}`;
    await database.dumpTo(partial);
    renameSync(partial, archive);
  } finally {
    await database.close();
    rmSync(socketDir, { recursive: true, force: true });
  }
  return archive;
}

/** A fresh, migrated embedded database in memory, from the archive: about 3 s. */
export async function createEmbeddedTestDatabase(): Promise<EmbeddedDatabase> {
  const loadFrom = await embeddedArchive();
  const socketDir = mkdtempSync(join(tmpdir(), 'haidang-embedded-'));
  const database = await openEmbedded({ dataDir: undefined, socketDir, loadFrom, logger: testLogger() });
  const close = database.close.bind(database);
  return {
    ...database,
    async close() {
      await close();
      rmSync(socketDir, { recursive: true, force: true });
    },
  };
}
