import type { OpenDatabase } from '../../server/db/index.ts';
import { createEmbeddedTestDatabase } from './embedded.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from './postgres.ts';

export interface DatabaseAdapter {
  name: string;
  /** False where its server is not installed: the suite is then skipped by name. */
  available: boolean;
  /** A fresh, migrated database; closing it removes everything. */
  open(): Promise<OpenDatabase>;
}

/** The databases with geometry that the product runs on; every contract suite runs on each. */
export const DATABASE_ADAPTERS: readonly DatabaseAdapter[] = [
  { name: 'embedded database', available: true, open: createEmbeddedTestDatabase },
  { name: 'PostgreSQL', available: postgresBin() !== undefined, open: openPostgres },
];

async function openPostgres(): Promise<OpenDatabase> {
  const cluster: PostgresCluster = startCluster();
  const database = await createTestDatabase(cluster);
  return {
    ...database,
    async close() {
      await database.close();
      cluster.remove();
    },
  };
}

/** For suites that are about something else than the database: the quickest that is there. */
export const ANY_DATABASE: DatabaseAdapter =
  DATABASE_ADAPTERS.find((adapter) => adapter.name === 'PostgreSQL' && adapter.available) ??
  (DATABASE_ADAPTERS[0] as DatabaseAdapter);
