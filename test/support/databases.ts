import type { OpenDatabase } from '../../server/db/index.ts';
import { createEmbeddedTestDatabase } from './embedded.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from './postgres.ts';

export interface TestDatabase {
  name: string;
  /** Why it cannot run here; the suite is then skipped by this name. */
  missing: string | undefined;
  open(): Promise<{ database: OpenDatabase; close(): Promise<void> }>;
}

/** Every database a contract suite has to pass on. */
export const TEST_DATABASES: readonly TestDatabase[] = [
  {
    name: 'PostgreSQL',
    missing: postgresBin() ? undefined : 'PostgreSQL with PostGIS is not installed',
    async open() {
      const cluster: PostgresCluster = startCluster();
      const database = await createTestDatabase(cluster);
      return {
        database,
        async close() {
          await database.close();
          cluster.remove();
        },
      };
    },
  },
  {
    name: 'the embedded database',
    missing: undefined,
    async open() {
      const database = await createEmbeddedTestDatabase();
      return { database, close: () => database.close() };
    },
  },
];
