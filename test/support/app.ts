import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, startApp } from '../../server/boot/app.ts';
import { loadConfig } from '../../server/boot/config.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { type Answer, type CallOptions, callApi } from './call.ts';
import { testLogger } from './logger.ts';
import { PLAIN_SIGN_IN } from './people.ts';
import { createTestDatabase, startCluster } from './postgres.ts';

export interface TestApp {
  url: string;
  app: RunningApp;
  /** A second way into the same database, for what no route can make. */
  database: OpenDatabase;
  /** The local operator's token: may do everything. */
  token: string;
  dataDir: string;
  /** Everything the product has logged. */
  logLines: string[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** A database that the product is started on. */
export interface TestBase {
  url: string;
  database: OpenDatabase;
  remove(): void;
}

async function freshBase(): Promise<TestBase> {
  const cluster = startCluster();
  const database = await createTestDatabase(cluster);
  return { url: cluster.url(database.name), database, remove: cluster.remove };
}

/** The whole product on PostgreSQL and free ports, without device front and cameras unless `roles` says so. */
export async function startTestApp(
  options: {
    roles?: string[];
    signIn?: Record<string, unknown>;
    on?: TestBase;
    secondWall?: 'require' | 'warn';
  } = {},
): Promise<TestApp> {
  const { database, url: databaseUrl, remove } = options.on ?? (await freshBase());
  const dataDir = mkdtempSync(join(tmpdir(), 'haidang-app-'));
  const { settings } = loadConfig(
    {},
    {
      dataDir,
      db: { url: databaseUrl, secondWall: options.secondWall ?? 'require' },
      http: { port: 0 },
      mqtt: { port: 0 },
      roles: options.roles ?? ['api'],
      signIn: options.signIn ?? PLAIN_SIGN_IN,
    },
  );
  const logLines: string[] = [];
  const app = await startApp(settings, testLogger(logLines));
  const { url, token } = app.control;
  return {
    url,
    app,
    database,
    token,
    dataDir,
    logLines,
    call: (method, path, call) => callApi(url, method, path, call),
    async close() {
      await app.stop();
      await database.close();
      remove();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
