import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { inTransaction } from '../../ingest/writer/connection.ts';
import { encodeObservations } from '../../ingest/writer/copy.ts';
import { COPY_OBSERVATIONS } from '../../ingest/writer/sql.ts';
import { freePort } from '../../test/support/free-port.ts';
import { createTestDatabase, type PostgresCluster, postgresBin } from '../../test/support/postgres.ts';
import { publishLoad } from './load.ts';

const COPY_ROWS = 5000;
const STEP_MS = 20;

/** Rows per second of binary COPY alone into our own table, 5000 per commit, the rows encoded beforehand. */
export async function rawCopy(cluster: PostgresCluster, total: number, series: number): Promise<number> {
  const database = await createTestDatabase(cluster);
  const startMs = Date.now() - (total / series) * STEP_MS;
  try {
    await database.query(sql`select ensure_partitions('observations', ${new Date(startMs)}, ${new Date()})`);
    const chunks: Buffer[] = [];
    for (let first = 0; first < total; first += COPY_ROWS) {
      const rows = Array.from({ length: COPY_ROWS }, (_, i) => {
        const n = first + i;
        return {
          kind: 'value' as const,
          deviceId: '',
          seriesId: 1 + (n % series),
          quantity: 'pm25',
          timeMs: startMs + Math.floor(n / series) * STEP_MS,
          value: n % 500,
          quality: 0 as const,
          areaId: null,
          position: null,
        };
      });
      chunks.push(encodeObservations(rows));
    }
    await database.query(sql`checkpoint`);
    const started = performance.now();
    for (const chunk of chunks) {
      await inTransaction(database, async (tx) => void (await tx.copy(COPY_OBSERVATIONS, chunk)));
    }
    return total / ((performance.now() - started) / 1000);
  } finally {
    await database.close();
  }
}

/** PUBACKs per second of Mosquitto for single readings, or null where it is not installed. It stores nothing. */
export async function mosquitto(devices: readonly string[], messages: number, window: number) {
  if (spawnSync('mosquitto', ['-h']).error) return null;
  const dir = mkdtempSync(join(tmpdir(), 'haidang-mosquitto-'));
  const port = await freePort();
  const config = join(dir, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n`,
  );
  const broker = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  try {
    return (await publishLoad({ port, devices, messages, readings: 1, window })).rate;
  } finally {
    broker.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One row inserted and committed at a time by pgbench over one connection: milliseconds. */
export async function singleCommit(cluster: PostgresCluster): Promise<{ p50Ms: number; p99Ms: number }> {
  const database = await createTestDatabase(cluster);
  const dir = mkdtempSync(join(tmpdir(), 'haidang-pgbench-'));
  try {
    await database.query(sql`create sequence bench_moment`);
    const script = join(dir, 'insert.sql');
    writeFileSync(
      script,
      `insert into observations (series_id, time, value, quality) values (1, date_trunc('hour', now()) - nextval('bench_moment')::float8 * interval '1 millisecond', 1, 0);\n`,
    );
    const args = ['-h', cluster.socketDir, '-U', 'postgres', '-n', '-M', 'prepared', '-c', '1', '-T', '4'];
    execFileSync(join(postgresBin() ?? '', 'pgbench'), [...args, '-l', '-f', script, database.name], {
      cwd: dir,
      stdio: 'ignore',
    });
    const log = readdirSync(dir).find((name) => name.startsWith('pgbench_log'));
    const times = readFileSync(join(dir, log ?? ''), 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[2]) / 1000)
      .sort((a, b) => a - b);
    const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0;
    return { p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  } finally {
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
