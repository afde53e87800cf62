import pg from 'pg';
import { AppError } from '../../core/errors.ts';
import { type Scope, scopeOf } from '../../core/permissions.ts';
import type { CallerView, Logger, SqlQuery } from '../../core/ports.ts';
import { toAppError } from './errors.ts';
import type { DatabaseCapabilities, OpenDatabase } from './types.ts';
import { wallPrologue } from './wall.ts';

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
    // It has one thread of its own: on a machine under full load making the tables takes it more than a minute.
    query_timeout: options.kind === 'embedded' ? 300_000 : 60_000,
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

  /** A client for the time of some work; one whose connection broke meanwhile does not come back to the pool. */
  const withClient = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await connect();
    let failure: unknown;
    try {
      return await work(client);
    } catch (error) {
      failure = toAppError(error);
      throw failure;
    } finally {
      client.release(isConnectionLoss(failure) ? (failure as Error) : undefined);
    }
  };

  /** The one session of the embedded database, and a server without the role, know no second wall. */
  const unwalled: CallerView = { walled: false, query: (query) => run(pool, query) };

  /**
   * Statements are sent without waiting for the answers of those before them, so what opens and ends the transaction
   * costs no round trip. Should the opening fail, the transaction is void and PostgreSQL refuses the statement.
   */
  const walled = (scope: Scope): CallerView => ({
    walled: true,
    query: <Row>(query: SqlQuery) =>
      withClient(async (client) => {
        const pipelined = client as pg.PoolClient & { pipeline: boolean };
        pipelined.pipeline = true;
        try {
          const opened = client.query(wallPrologue(scope));
          const rows = run<Row>(client, query);
          // After a statement that failed this is a rollback.
          const ended = client.query('commit');
          const [opening, answer] = await Promise.allSettled([opened, rows, ended]);
          if (opening.status === 'rejected') throw opening.reason;
          if (answer.status === 'rejected') throw answer.reason;
          return answer.value;
        } finally {
          pipelined.pipeline = false;
        }
      }),
  });

  const database: OpenDatabase = {
    capabilities: {
      kind: options.kind,
      serverVersion: '',
      postgis: false,
      timescaledb: false,
      secondWall: options.kind === 'postgres',
    },
    query: unwalled.query,
    transaction: (work) =>
      withClient(async (client) => {
        try {
          await client.query('begin');
          const result = await work({ inTransaction: true, query: (query) => run(client, query) });
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    as: (caller, permission) =>
      database.capabilities.secondWall ? walled(scopeOf(caller, permission)) : unwalled,
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

function isConnectionLoss(error: unknown): boolean {
  return error instanceof AppError && error.code === 'db.unavailable';
}
