import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, type OpenDatabase, openPool } from '../../server/db/index.ts';
import { testLogger } from './logger.ts';

/** Folder of the newest PostgreSQL server programs Debian installed, or undefined. */
export function postgresBin(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const version = readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'bin/initdb')))
    .sort((a, b) => Number(b) - Number(a))[0];
  if (version === undefined) return undefined;
  if (!existsSync(`/usr/share/postgresql/${version}/extension/postgis.control`)) return undefined;
  return join(root, version, 'bin');
}

export interface PostgresCluster {
  /** Folder of the Unix socket; port 5432 inside it. */
  socketDir: string;
  dataDir: string;
  url(database: string): string;
  /** Stops as a power cut would and starts again. */
  stop(mode: 'fast' | 'immediate'): void;
  start(): void;
  remove(): void;
}

/** PostgreSQL refuses to run as root; under root everything runs as the system's `postgres` user. */
function asPostgres(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A private cluster in a temporary folder, reachable by Unix socket only. Call `remove()` in the end. */
export function startCluster(settings: Record<string, string> = {}): PostgresCluster {
  const bin = postgresBin();
  if (!bin) throw new Error('PostgreSQL with PostGIS is not installed (Debian: postgresql-15-postgis-3)');
  const root = mkdtempSync(join(tmpdir(), 'haidang-pg-'));
  chmodSync(root, 0o777);
  const dataDir = join(root, 'data');
  const user = asPostgres();
  const run = (program: string, args: string[]) =>
    execFileSync(join(bin, program), args, { ...user, stdio: 'pipe', cwd: root });
  run('initdb', [
    '-D',
    dataDir,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  const options = Object.entries({
    listen_addresses: '',
    unix_socket_directories: root,
    max_connections: '60',
    ...settings,
  })
    .map(([key, value]) => `-c ${key}='${value}'`)
    .join(' ');
  let server: ChildProcess | undefined;
  const cluster: PostgresCluster = {
    socketDir: root,
    dataDir,
    url: (database) => `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(root)}`,
    start: () => void run('pg_ctl', ['-D', dataDir, '-w', '-l', join(root, 'log'), '-o', options, 'start']),
    stop: (mode) => void run('pg_ctl', ['-D', dataDir, '-m', mode, '-w', 'stop']),
    remove() {
      server?.kill();
      try {
        run('pg_ctl', ['-D', dataDir, '-m', 'immediate', '-w', 'stop']);
      } catch {
        // Already stopped by the test.
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
  cluster.start();
  // Should the test process die, the cluster goes with it.
  server = spawn(
    'sh',
    [
      '-c',
      `while [ -d /proc/${process.pid} ]; do sleep 2; done; ${bin}/pg_ctl -D ${dataDir} -m immediate stop; rm -rf ${root}`,
    ],
    { ...user, detached: true, stdio: 'ignore' },
  );
  server.unref();
  return cluster;
}

/** A fresh, migrated database of the cluster, cloned from a template that is migrated once. */
export async function createTestDatabase(cluster: PostgresCluster): Promise<OpenDatabase & { name: string }> {
  const open = (database: string) =>
    openPool({
      connection: { connectionString: cluster.url(database) },
      max: 6,
      kind: 'postgres',
      logger: testLogger(),
    });
  const admin = await open('postgres');
  const [template] = await admin.query({
    text: `select 1 from pg_database where datname = 'haidang_template'`,
    values: [],
  });
  if (!template) {
    await admin.query({ text: 'create database haidang_template', values: [] });
    const fresh = await open('haidang_template');
    await migrate(fresh, testLogger());
    await fresh.close();
  }
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin.query({ text: `create database ${name} template haidang_template`, values: [] });
  await admin.close();
  return { ...(await open(name)), name };
}
