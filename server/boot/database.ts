import { join, resolve } from 'node:path';
import type { Logger } from '../../core/ports.ts';
import { type OpenDatabase, openEmbedded, openPool } from '../db/index.ts';
import type { Settings } from './settings.ts';

/** PostgreSQL when a URL is set, the embedded database in the data directory otherwise. */
export async function openDatabase(settings: Settings, logger: Logger): Promise<OpenDatabase> {
  if (settings.db.url !== undefined) {
    return await openPool({
      connection: { connectionString: settings.db.url },
      max: settings.db.poolMax,
      kind: 'postgres',
      logger,
    });
  }
  const folder = resolve(settings.dataDir, 'database');
  // A Unix socket's path may have 107 bytes; a deep data directory would not fit, the folder's own inode does.
  return await openEmbedded({ dataDir: folder, socketDir: socketDir(folder), logger });
}

function socketDir(folder: string): string {
  const beside = join(folder, '..', 'run');
  return Buffer.byteLength(join(beside, '.s.PGSQL.5432')) < 100
    ? beside
    : join('/tmp', `haidang-${process.pid}`);
}
