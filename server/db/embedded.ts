import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../core/ports.ts';
import { openPool } from './pool.ts';
import type { OpenDatabase } from './types.ts';

export interface EmbeddedOptions {
  /** Folder of the database files; undefined = in memory, gone at close. */
  dataDir: string | undefined;
  /** Folder (mode 700) for the Unix socket: no port is opened, so nobody else on the machine can reach it. */
  socketDir: string;
  /** A `dumpDataDir` archive to start an in-memory database from, so that tests need not migrate again. */
  loadFrom?: string;
  logger: Logger;
}

/** A running embedded database: the pool, and a way to write its archive. */
export interface EmbeddedDatabase extends OpenDatabase {
  dumpTo(path: string): Promise<void>;
}

type WorkerMessage =
  | { type: 'ready' }
  | { type: 'dumped' }
  | { type: 'closed' }
  | { type: 'failed'; message: string };

/**
 * PGlite in a worker thread behind a Unix socket, reached with `pg` like any PostgreSQL.
 * One session for everybody: `max` is 1, and inside a transaction only its own handle may be used.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  mkdirSync(options.socketDir, { recursive: true, mode: 0o700 });
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: {
      dataDir: options.dataDir,
      socketPath: join(options.socketDir, '.s.PGSQL.5432'),
      loadFrom: options.loadFrom,
    },
  });
  // One listener for the worker's whole life: answers come strictly in the order of the requests.
  let waiting:
    | { type: WorkerMessage['type']; resolve: () => void; reject: (error: Error) => void }
    | undefined;
  const settle = (failure: Error | undefined) => {
    const current = waiting;
    waiting = undefined;
    if (failure) current?.reject(failure);
    else current?.resolve();
  };
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'failed') settle(new Error(`embedded database: ${message.message}`));
    else if (message.type === waiting?.type) settle(undefined);
    else settle(new Error(`embedded database answered ${message.type}`));
  });
  worker.on('error', (error) => settle(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => {
    settle(new Error(`the embedded database ended with code ${code}`));
    if (!closing) options.logger.error({ code }, 'the embedded database ended');
  });
  let closing = false;
  const expect = (type: WorkerMessage['type']) =>
    new Promise<void>((resolve, reject) => {
      waiting = { type, resolve, reject };
    });
  await expect('ready');
  const database = await openPool({
    connection: { host: options.socketDir, port: 5432, user: 'postgres', database: 'postgres' },
    max: 1,
    kind: 'embedded',
    logger: options.logger,
    async onClose() {
      closing = true;
      const closed = expect('closed');
      worker.postMessage({ type: 'close' });
      await closed;
      await worker.terminate();
    },
  });
  return {
    ...database,
    async dumpTo(path) {
      const dumped = expect('dumped');
      worker.postMessage({ type: 'dump', path });
      await dumped;
    },
  };
}
