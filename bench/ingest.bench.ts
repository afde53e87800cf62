import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { systemClock } from '../core/clock.ts';
import type { OpenDatabase } from '../server/db/index.ts';
import { deviceRecord, memoryDirectory, startTestIngest } from '../test/support/ingest.ts';
import {
  createTestDatabase,
  type PostgresCluster,
  postgresBin,
  startCluster,
} from '../test/support/postgres.ts';
import { startRules } from '../test/support/rules.ts';
import type { Bench, BenchRow } from './contract.ts';
import { cpuOfTreeUs } from './support/cpu.ts';
import { type Load, type LoadResult, publishLoad } from './support/load.ts';
import { mosquitto, rawCopy, singleCommit } from './support/peers.ts';

const ROUNDS = Number(process.env.HAIDANG_BENCH_ROUNDS ?? 5);
const DEVICES = Array.from({ length: 20 }, (_, i) => `bench-${i}`);
const WINDOW = 200;
const SINGLE_MESSAGES = 60_000;
const BATCHED_MESSAGES = 12_000;
const BATCH_READINGS = 20;
const RULES = 10_000;
const FLOOD_PER_S = 20_000;
const FLOOD_S = Number(process.env.HAIDANG_BENCH_FLOOD_S ?? 60);

export const bench: Bench = {
  name: 'ingest',
  method:
    `QoS 1 over MQTT from ${DEVICES.length} devices in another process, ${WINDOW} messages in flight each, PUBACK after the commit to ` +
    `PostgreSQL (fsync and synchronous_commit on), no rules unless said; ${ROUNDS} rounds, in each round every line once, one after ` +
    'the other; medians, and the smallest and largest. Beside it binary COPY of as many rows into the same table, 5000 per ' +
    'commit; what Mosquitto acknowledges of the same load, which it neither parses nor stores; and pgbench committing one ' +
    'row at a time. Processor time is ours and that of PostgreSQL together.',

  async run() {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    try {
      const rounds: Round[] = [];
      const busy: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        rounds.push(await round(cluster));
        busy.push(loadavg()[0] ?? 0);
      }
      const flooded = FLOOD_S > 0 ? await flood(cluster) : [];
      return [
        ...table(rounds),
        ...flooded,
        row('load of the machine meanwhile', [median(busy)], '', '–', null, ''),
      ];
    } finally {
      cluster.remove();
    }
  },
};

interface Measured extends LoadResult {
  /** Processor time per message, microseconds: ours, and PostgreSQL's. */
  cpuUs: number;
  databaseCpuUs: number;
}

interface Round {
  copy: number;
  batched: Measured;
  broker: number | null;
  single: Measured;
  ruled: Measured;
  half: Measured;
  commit: { p50Ms: number; p99Ms: number };
}

async function round(cluster: PostgresCluster): Promise<Round> {
  const load = (messages: number, readings: number) => ({ messages, readings, window: WINDOW });
  const copy = await rawCopy(cluster, BATCHED_MESSAGES * BATCH_READINGS, DEVICES.length);
  const batched = await ours(cluster, load(BATCHED_MESSAGES, BATCH_READINGS));
  const broker = await mosquitto(DEVICES, SINGLE_MESSAGES, WINDOW);
  const single = await ours(cluster, load(SINGLE_MESSAGES, 1));
  const ruled = await ours(cluster, load(SINGLE_MESSAGES, 1), { rules: true });
  const perS = Math.round(single.rate / 2);
  const half = await ours(cluster, { ...load(perS * 4, 1), perS });
  const commit = await singleCommit(cluster);
  return { copy, batched, broker, single, ruled, half, commit };
}

async function ours(
  cluster: PostgresCluster,
  load: Omit<Load, 'port' | 'devices'>,
  options: { rules?: boolean } = {},
): Promise<Measured> {
  const database = await createTestDatabase(cluster);
  const devices = memoryDirectory(DEVICES.map((id) => deviceRecord(id)));
  const rules = options.rules ? await tenThousandRules(database, devices) : undefined;
  const ingest = await startTestIngest({ database, devices, rules: rules?.engine });
  try {
    await database.query(sql`checkpoint`);
    const postmaster = Number(readFileSync(join(cluster.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const before = process.cpuUsage();
    const beforePg = cpuOfTreeUs(postmaster);
    const result = await publishLoad({ port: ingest.mqttPort ?? 0, devices: DEVICES, ...load });
    const used = process.cpuUsage(before);
    const usedPg = cpuOfTreeUs(postmaster) - beforePg;
    const messages = Math.floor(load.messages / DEVICES.length) * DEVICES.length;
    const [stored] = await database.query<{ rows: number }>(sql`select count(*) as rows from observations`);
    const expected = messages * load.readings + DEVICES.length;
    if (stored?.rows !== expected) throw new Error(`${stored?.rows} rows stored, not ${expected}`);
    const differences = ingest.reconcile();
    if (differences.length > 0) throw new Error(differences.join('; '));
    return { ...result, cpuUs: (used.user + used.system) / messages, databaseCpuUs: usedPg / messages };
  } finally {
    await ingest.stop();
    await rules?.stop();
    await database.close();
  }
}

/** Twenty about every device, the others about devices of their own; none of them is broken. */
async function tenThousandRules(database: OpenDatabase, devices: ReturnType<typeof memoryDirectory>) {
  await database.query({
    text: `insert into rules (id, kind, name, domain, severity, params, applies_to, state)
           select 'bulk-' || n, 'threshold', 'Bulk ' || n, 'environment', 'minor',
                  jsonb_build_object('quantity', 'pm25', 'above', 100000 + n, 'forS', 600), '{}'::jsonb, 'active'
           from generate_series(1, 20) n
           union all
           select 'own-' || n, 'threshold', 'Own ' || n, 'environment', 'minor',
                  '{"quantity": "pm10", "above": 500}', jsonb_build_object('devices', jsonb_build_array('none-' || n)), 'active'
           from generate_series(1, $1::int - 20) n`,
    values: [RULES],
  });
  const clock = { ...systemClock, advance() {}, set() {} };
  return await startRules({ database, devices, clock });
}

/** Offered more than a minute long what few machines can store: nothing may be missing, however long it takes. */
async function flood(cluster: PostgresCluster): Promise<BenchRow[]> {
  const result = await ours(cluster, {
    messages: FLOOD_PER_S * FLOOD_S,
    readings: 1,
    window: WINDOW,
    perS: FLOOD_PER_S,
  });
  return [
    row(
      `offered ${thousands(FLOOD_PER_S)} msg/s for ${FLOOD_S} s, committed`,
      [result.rate],
      'msg/s',
      '–',
      null,
      'lost 0: yes',
    ),
  ];
}

function table(rounds: readonly Round[]): BenchRow[] {
  const of = (pick: (round: Round) => number) => rounds.map(pick);
  const brokers = rounds.flatMap(({ broker }) => (broker === null ? [] : [broker]));
  const batchedRows = of(({ batched }) => batched.rate * BATCH_READINGS);
  const singles = of(({ single }) => single.rate);
  return [
    row(
      `batches of ${BATCH_READINGS}, committed`,
      batchedRows,
      'readings/s',
      'raw COPY',
      of(({ copy }) => copy),
      '≥ 0.60',
    ),
    row('single readings, acknowledged', singles, 'msg/s', 'Mosquitto', brokers, '≥ 0.50'),
    row(
      `single readings, ${thousands(RULES)} rules, 20 about each`,
      of(({ ruled }) => ruled.rate),
      'msg/s',
      'without rules',
      singles,
      '≥ 0.80',
    ),
    latency('p50', rounds, ({ half, commit }) => [half.p50Ms, commit.p50Ms], '≤ 2'),
    latency('p99', rounds, ({ half, commit }) => [half.p99Ms, commit.p99Ms], '≤ 5'),
    cpu(
      'single readings',
      of(({ single }) => single.cpuUs),
      of(({ single }) => single.databaseCpuUs),
    ),
    cpu(
      `batches of ${BATCH_READINGS}`,
      of(({ batched }) => batched.cpuUs),
      of(({ batched }) => batched.databaseCpuUs),
    ),
  ];
}

const thousands = (value: number) => Math.round(value).toLocaleString('en');

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The median of the ratios of each round, not the ratio of medians: what is beside each other is compared. */
function row(
  measure: string,
  values: readonly number[],
  unit: string,
  peerName: string,
  peers: readonly number[] | null,
  goal: string,
): BenchRow {
  const spread =
    values.length > 1 ? ` (${thousands(Math.min(...values))}–${thousands(Math.max(...values))})` : '';
  const peer =
    peers === null
      ? peerName
      : peers.length === 0
        ? `${peerName} is not installed`
        : `${peerName} ${thousands(median(peers))}`;
  const ratios = peers === null ? [] : values.flatMap((value, i) => (peers[i] ? [value / peers[i]] : []));
  return {
    measure: unit === '' ? measure : `${measure} (${unit})`,
    ours: unit === '' ? median(values).toFixed(1) : `${thousands(median(values))}${spread}`,
    peer,
    ratio: ratios.length === 0 ? null : median(ratios),
    goal,
  };
}

function latency(
  name: string,
  rounds: readonly Round[],
  pick: (round: Round) => [ours: number, commit: number],
  goal: string,
): BenchRow {
  const pairs = rounds.map(pick);
  return {
    measure: `${name} to PUBACK at half load (ms)`,
    ours: median(pairs.map(([own]) => own)).toFixed(1),
    peer: `pgbench commit ${median(pairs.map(([, commit]) => commit)).toFixed(1)}`,
    ratio: median(pairs.map(([own, commit]) => own / commit)),
    goal,
  };
}

function cpu(what: string, own: readonly number[], database: readonly number[]): BenchRow {
  const all = own.map((us, i) => us + (database[i] ?? 0));
  return {
    measure: `${what}: processor time per message (µs)`,
    ours: `${median(all).toFixed(1)} (ours ${median(own).toFixed(1)}, PostgreSQL ${median(database).toFixed(1)})`,
    peer: '–',
    ratio: null,
    goal: what === 'single readings' ? '≤ 40' : '',
  };
}
