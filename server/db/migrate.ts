import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import type { Logger } from '../../core/ports.ts';
import type { OpenDatabase } from './types.ts';

export const MIGRATIONS_DIR = fileURLToPath(new URL('../../migrations', import.meta.url));

/** The time-series part needs no geometry and comes first; the core may refer to it, never the other way round. */
export type MigrationPart = 'timeseries' | 'core';
export const MIGRATION_PARTS: readonly MigrationPart[] = ['timeseries', 'core'];

export interface MigrationReport {
  applied: string[];
}

/**
 * Applies what is missing, each file in one transaction, forward only. Two processes that come together wait for
 * each other. Throws when an applied file is not there any more or the order was changed.
 */
export async function migrate(
  database: OpenDatabase,
  logger: Logger,
  parts: readonly MigrationPart[] = MIGRATION_PARTS,
): Promise<MigrationReport> {
  const client = await database.acquire();
  try {
    const applied: string[] = [];
    for (const part of parts) {
      const done = await runner({
        dbClient: client as unknown as pg.ClientBase,
        dir: join(MIGRATIONS_DIR, part),
        direction: 'up',
        migrationsTable: `migrations_${part}`,
        singleTransaction: false,
        advisoryLockMode: 'wait',
        checkOrder: true,
        log: (message) => logger.debug({ part }, message),
      });
      applied.push(...done.map((entry) => `${part}/${entry.name}`));
    }
    if (applied.length > 0) logger.info({ applied }, 'database migrated');
    return { applied };
  } finally {
    client.release();
  }
}

/** Changes when any migration file changes; keys cached archives of a migrated database. */
export function migrationsHash(): string {
  const hash = createHash('sha256');
  for (const part of MIGRATION_PARTS) {
    const dir = join(MIGRATIONS_DIR, part);
    for (const file of readdirSync(dir).sort()) hash.update(file).update(readFileSync(join(dir, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
