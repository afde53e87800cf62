import { migrate, type OpenDatabase } from '../../server/db/index.ts';
import { createEmbeddedTestDatabase } from './embedded.ts';
import { testLogger } from './logger.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from './postgres.ts';
import { createTimescaleTestDatabase } from './timescale.ts';

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

/** And TimescaleDB, for what needs no geometry: its WASM build has no PostGIS. */
export const TIME_SERIES_ADAPTERS: readonly DatabaseAdapter[] = [
  ...DATABASE_ADAPTERS,
  {
    name: 'TimescaleDB',
    available: true,
    open: async () => {
      const database = await createTimescaleTestDatabase();
      await migrate(database, testLogger(), ['timeseries']);
      return database;
    },
  },
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
