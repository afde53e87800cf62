import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database, SqlQuery, Tx } from '../../core/ports.ts';
import { runScript, type ScriptResult, type ScriptStep } from './script.ts';

/** A connection of its own, for COPY inside a transaction. */
interface BatchClient {
  query: pg.PoolClient['query'];
  release(error?: Error | boolean): void;
}

/** The database as the writer needs it. */
export interface IngestDatabase extends Database {
  capabilities: { kind: 'embedded' | 'postgres' };
  acquire(): Promise<BatchClient>;
}

/** A transaction that also takes rows by COPY. */
export interface BatchTx extends Tx {
  /** Answers with the number of rows the database took. */
  copy(statement: string, data: Buffer): Promise<number>;
}

/**
 * Waiting longer for a lock than this means somebody is altering the table or holds a row: the batch is tried again
 * rather than piling up behind it.
 */
const BEGIN = `begin; set local lock_timeout = '10s'`;

/**
 * Runs `work` in one transaction on a connection of its own. Errors are the driver's, untouched. The transaction
 * begins with its first statement: a COPY takes the BEGIN along, which saves a round trip of every batch.
 */
export async function inTransaction<T>(
  database: IngestDatabase,
  work: (tx: BatchTx) => Promise<T>,
): Promise<T> {
  const client = await database.acquire();
  let broken: Error | undefined;
  let begun = false;
  try {
    const result = await work({
      inTransaction: true,
      async query<Row>(query: SqlQuery) {
        if (!begun) await client.query(BEGIN);
        begun = true;
        return (await client.query(query.text, query.values)).rows as Row[];
      },
      async copy(statement, data) {
        const text = begun ? statement : `${BEGIN}; ${statement}`;
        begun = true;
        const stream = client.query(copyFrom(text));
        await pipeline([data], stream);
        return stream.rowCount;
      },
    });
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A whole transaction in one round trip; answers with the rows of each step. Errors are the driver's, untouched. */
export async function transactionScript(
  database: IngestDatabase,
  steps: readonly ScriptStep[],
): Promise<ScriptResult[]> {
  const client = await database.acquire();
  let broken: Error | undefined;
  try {
    // BEGIN is two statements.
    const [, , ...results] = await runScript(client, [BEGIN, ...steps, 'commit']);
    return results;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The error of a connection that cannot even roll back: it is not one to give back. */
async function rollBack(client: BatchClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}
