import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { inTransaction } from '../ingest/writer/connection.ts';
import { encodeObservations } from '../ingest/writer/copy.ts';
import { COPY_OBSERVATIONS } from '../ingest/writer/sql.ts';
import { freePort } from '../test/support/free-port.ts';
import { deviceRecord, memoryDirectory, startTestIngest } from '../test/support/ingest.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';
import { publishLoad } from './support/load.ts';

const DEVICES = 20;
const WINDOW = 200;
const SINGLE_MESSAGES = 100_000;
const BATCHED_MESSAGES = 15_000;
const BATCH_READINGS = 20;
const COPY_ROWS = 5000;
const START_MS = Date.UTC(2026, 0, 5);

type Cluster = ReturnType<typeof startCluster>;

export const bench: Bench = {
  name: 'ingest',
  method:
    'QoS 1 over MQTT from 20 devices in another process, 200 messages in flight each, PUBACK after the commit to ' +
    'PostgreSQL (fsync on), no rules; beside it binary COPY of as many rows into the same table, 5000 per commit, ' +
    'and what Mosquitto acknowledges of the same load, which it neither parses nor stores.',

  async run() {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    try {
      const ceiling = await rawCopy(cluster, BATCHED_MESSAGES * BATCH_READINGS);
      const single = await ours(cluster, SINGLE_MESSAGES, 1);
      const broker = await mosquitto(SINGLE_MESSAGES);
      const batched = await ours(cluster, BATCHED_MESSAGES, BATCH_READINGS);
      const rows = batched.rate * BATCH_READINGS;
      return [
        row('single readings, committed', single.rate, 'msg/s', 'raw COPY', ceiling, ''),
        row('single readings, acknowledged', single.rate, 'msg/s', 'Mosquitto', broker, '≥ 0.50'),
        row(`batches of ${BATCH_READINGS}, committed`, rows, 'readings/s', 'raw COPY', ceiling, '≥ 0.60'),
        cpu('single readings', single),
        cpu(`batches of ${BATCH_READINGS}`, batched),
      ];
    } finally {
      cluster.remove();
    }
  },
};

interface Measured {
  /** Messages per second. */
  rate: number;
  /** Our own processor time per message, microseconds; PostgreSQL and the generator not counted. */
  cpuUs: number;
}

async function ours(cluster: Cluster, messages: number, readings: number): Promise<Measured> {
  const database = await createTestDatabase(cluster);
  const devices = Array.from({ length: DEVICES }, (_, i) => `bench-${i}`);
  const ingest = await startTestIngest({
    database,
    devices: memoryDirectory(devices.map((id) => deviceRecord(id))),
  });
  try {
    await database.query(sql`checkpoint`);
    const before = process.cpuUsage();
    const port = ingest.mqttPort ?? 0;
    const rate = await publishLoad({ port, devices, messages, readings, window: WINDOW });
    const used = process.cpuUsage(before);
    const [stored] = await database.query<{ rows: number }>(sql`select count(*) as rows from observations`);
    const expected = messages * readings + DEVICES;
    if (stored?.rows !== expected) throw new Error(`${stored?.rows} rows stored, not ${expected}`);
    return { rate, cpuUs: (used.user + used.system) / messages };
  } finally {
    await ingest.stop();
    await database.close();
  }
}

/** Rows per second of COPY alone, the rows encoded beforehand. */
async function rawCopy(cluster: Cluster, total: number): Promise<number> {
  const database = await createTestDatabase(cluster);
  try {
    const perSeries = total / DEVICES;
    await database.query(
      sql`select ensure_partitions('observations', ${new Date(START_MS)}, ${new Date(START_MS + perSeries * 1000)})`,
    );
    const chunks: Buffer[] = [];
    for (let first = 0; first < total; first += COPY_ROWS) {
      const rows = Array.from({ length: COPY_ROWS }, (_, i) => {
        const n = first + i;
        return {
          kind: 'value' as const,
          deviceId: '',
          seriesId: 1 + (n % DEVICES),
          quantity: 'pm25',
          timeMs: START_MS + Math.floor(n / DEVICES) * 1000,
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
    for (const chunk of chunks) await inTransaction(database, (tx) => tx.copy(COPY_OBSERVATIONS, chunk));
    return total / ((performance.now() - started) / 1000);
  } finally {
    await database.close();
  }
}

/** PUBACKs per second of Mosquitto for the same load, or null where it is not installed. */
async function mosquitto(messages: number): Promise<number | null> {
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
    const devices = Array.from({ length: DEVICES }, (_, i) => `bench-${i}`);
    return await publishLoad({ port, devices, messages, readings: 1, window: WINDOW });
  } finally {
    broker.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

const thousands = (value: number) => Math.round(value).toLocaleString('en');

function row(
  measure: string,
  value: number,
  unit: string,
  peerName: string,
  peer: number | null,
  goal: string,
): BenchRow {
  return {
    measure: `${measure} (${unit})`,
    ours: thousands(value),
    peer: peer === null ? `${peerName} is not installed` : `${peerName} ${thousands(peer)}`,
    ratio: peer === null ? null : value / peer,
    goal,
  };
}

function cpu(what: string, { cpuUs }: Measured): BenchRow {
  return {
    measure: `${what}: our CPU per message (µs)`,
    ours: cpuUs.toFixed(1),
    peer: '–',
    ratio: null,
    goal: '',
  };
}
