import pg from 'pg';
import type { Logger, SqlQuery, Tx } from '../../core/ports.ts';
import { toAppError } from './errors.ts';
import type { DatabaseCapabilities, OpenDatabase } from './types.ts';

const INT8 = 20;
const DATE = 1082;
const NUMERIC = 1700;

/** int8 and numeric as numbers (no id of ours passes 2^53), date as its text: a Date would shift with the time zone. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (oid === INT8 || oid === NUMERIC) return Number;
      if (oid === DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

export interface PoolOptions {
  connection: pg.PoolConfig;
  /** 1 on the embedded database: all its connections share one session. */
  max: number;
  kind: DatabaseCapabilities['kind'];
  logger: Logger;
  onClose?: () => Promise<void>;
}

/** Opens a pool, asks what the database can do, and wraps it in the `Database` port. */
export async function openPool(options: PoolOptions): Promise<OpenDatabase> {
  const pool = new pg.Pool({
    ...options.connection,
    max: options.max,
    types,
    application_name: 'haidang',
    connectionTimeoutMillis: 10_000,
    // On the embedded database a waiting client would otherwise wait for ever behind a stuck one.
    query_timeout: 60_000,
    idleTimeoutMillis: options.kind === 'embedded' ? 0 : 30_000,
  });
  // Without a listener a broken idle connection would crash the process; the next query reports the outage.
  pool.on('error', (error) => options.logger.warn({ err: error.message }, 'idle database connection lost'));
  // The same for a connection that breaks while somebody holds it between two statements; the next one reports it.
  pool.on('connect', (client) => client.on('error', () => undefined));

  const run = async <Row>(target: pg.Pool | pg.PoolClient, query: SqlQuery): Promise<Row[]> => {
    try {
      return (await target.query(query.text, query.values)).rows as Row[];
    } catch (error) {
      throw toAppError(error);
    }
  };

  const connect = async () => {
    try {
      return await pool.connect();
    } catch (error) {
      throw toAppError(error);
    }
  };

  const database: OpenDatabase = {
    capabilities: { kind: options.kind, serverVersion: '', postgis: false, timescaledb: false },
    query: (query) => run(pool, query),
    async transaction(work) {
      const client = await connect();
      let failure: Error | undefined;
      try {
        await client.query('begin');
        const tx: Tx = { inTransaction: true, query: (query) => run(client, query) };
        const result = await work(tx);
        await client.query('commit');
        return result;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        await client.query('rollback').catch(() => undefined);
        throw toAppError(error);
      } finally {
        client.release(isConnectionLoss(failure) ? failure : undefined);
      }
    },
    acquire: connect,
    async close() {
      await pool.end();
      await options.onClose?.();
    },
  };

  const [row] = await database.query<{ version: string; postgis: boolean; timescaledb: boolean }>({
    text: `select current_setting('server_version') as version,
                  exists (select 1 from pg_available_extensions where name = 'postgis') as postgis,
                  exists (select 1 from pg_available_extensions where name = 'timescaledb') as timescaledb`,
    values: [],
  });
  if (row) {
    database.capabilities.serverVersion = row.version;
    database.capabilities.postgis = row.postgis;
    database.capabilities.timescaledb = row.timescaledb;
  }
  return database;
}

function isConnectionLoss(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && error.code === 'db.unavailable';
}
