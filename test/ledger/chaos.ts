/**
 * `npm run chaos -- --minutes N [--seed S] [--devices D]`: devices send numbered readings through a bad network to the
 * whole product on PostgreSQL while parts of it are killed at random. In the end the ledger of what was sent and
 * acknowledged is compared with the database. Ends with 1 when anything was lost, doubled, made up, missed or alarmed
 * twice; the same seed draws the same faults at the same times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sql from 'sql-template-tag';
import { type Random, seededRandom } from '../../core/clock.ts';
import { callApi } from '../support/call.ts';
import { freePort } from '../support/free-port.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { faultsOf, judge, type Verdict } from './oracle.ts';

const CENTRE = fileURLToPath(new URL('./centre.ts', import.meta.url));
const RULE = 'chaos-limit';
const LIMIT = 150;
const START_MS = Date.now() - 20 * 86_400_000;

export interface ChaosOptions {
  minutes: number;
  seed: number;
  devices: number;
  say(line: string): void;
}

interface World {
  cluster: PostgresCluster;
  database: Awaited<ReturnType<typeof createTestDatabase>>;
  proxy: FaultProxy;
  fleet: Fleet;
  random: Random;
  counts: Map<string, number>;
  restartsMs: number[];
  /** Kills the product and starts it again. */
  restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** One kind of fault: does its harm, takes it back, and leaves the world as it was. */
type FaultRun = (world: World) => Promise<void>;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const network =
  (fault: Parameters<FaultProxy['set']>[0], ms: number): FaultRun =>
  async ({ proxy }) => {
    proxy.set(fault);
    await pause(ms);
    proxy.set({});
  };

const FAULTS: Readonly<Record<string, FaultRun>> = {
  'kill the product': (world) => world.restart('SIGKILL'),
  'kill the product again': (world) => world.restart('SIGKILL'),
  'stop the product properly': (world) => world.restart('SIGTERM'),
  async 'stop PostgreSQL as a power cut would'({ cluster, random }) {
    cluster.stop('immediate');
    await pause(500 + random.next() * 3000);
    cluster.start();
  },
  async 'end every database connection'({ database }) {
    await database.query(sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
  },
  async 'lock the table'({ database, random }) {
    const locker = await database.acquire();
    try {
      await locker.query('begin; lock table observations in access exclusive mode');
      await pause(1000 + random.next() * 2000);
      await locker.query('commit');
    } finally {
      locker.release();
    }
  },
  'delay 200 ms': network({ delayMs: 200 }, 2000),
  'one byte at a time': network({ splitBytes: 1 }, 500),
  'half-open': network({ halfOpen: true }, 2000),
  'lose acknowledgements': network({ loseAnswers: true }, 1000),
  async 'reset in the middle of a packet'({ proxy }) {
    proxy.reset();
  },
};

/** Runs it all; resolves to the verdict and what was done. */
export async function runChaos(options: ChaosOptions): Promise<{ verdict: Verdict; summary: string }> {
  const { say } = options;
  const random = seededRandom(options.seed);
  const cluster = startCluster();
  const dataDir = mkdtempSync(join(tmpdir(), 'haidang-chaos-'));
  const database = await createTestDatabase(cluster);
  const mqttPort = await freePort();
  const ledger = new Ledger(join(dataDir, 'ledger'));
  const proxy = await startFaultProxy(() => mqttPort);
  let child: ChildProcess | undefined;
  let fleet: Fleet | undefined;

  const startCentre = async () => {
    const argument = JSON.stringify({ url: cluster.url(database.name), dataDir, mqttPort });
    child = spawn(process.execPath, [CENTRE, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    return JSON.parse(String(line)) as { url: string; token: string };
  };
  const stopCentre = async (signal: 'SIGKILL' | 'SIGTERM') => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const exit = once(running, 'exit');
    running.kill(signal);
    await exit;
  };

  try {
    const { url, token } = await startCentre();
    const devices = await registerDevices(url, token, options.devices);
    fleet = createFleet({
      port: proxy.port,
      devices,
      ledger,
      timeAt: (n) => START_MS + n * 100,
      valueAt: (device, n) => waveOf(Number(device.split('-')[1]), n),
      window: 50,
    });
    const sending = fleet.run(Number.POSITIVE_INFINITY);
    const world: World = {
      cluster,
      database,
      proxy,
      fleet,
      random,
      counts: new Map(),
      restartsMs: [],
      async restart(signal) {
        await stopCentre(signal);
        const startedAt = performance.now();
        await startCentre();
        world.restartsMs.push(performance.now() - startedAt);
      },
    };
    await harm(world, options);
    say('no more faults; what was sent is being delivered');
    fleet.stop();
    await sending;
    await stopCentre('SIGTERM');
    ledger.close();
    const verdict = await judge(database, ledger.read(), {
      quantity: 'pm25',
      alerts: { ruleId: RULE, above: LIMIT },
    });
    return { verdict, summary: summaryOf(world, verdict) };
  } finally {
    fleet?.destroy();
    child?.kill('SIGKILL');
    await proxy.close();
    await database.close().catch(() => undefined);
    cluster.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Draws faults until the time is up. After each the devices must get something through. */
async function harm(world: World, { minutes, say }: ChaosOptions): Promise<void> {
  const names = Object.keys(FAULTS);
  const untilMs = performance.now() + minutes * 60_000;
  while (performance.now() < untilMs) {
    await pause(500 + world.random.next() * 4000);
    const name = names[Math.floor(world.random.next() * names.length)] ?? '';
    const before = world.fleet.acknowledged;
    say(`${String(before).padStart(8)} acknowledged  ${name}`);
    await FAULTS[name]?.(world);
    world.counts.set(name, (world.counts.get(name) ?? 0) + 1);
    const healedAt = performance.now();
    await until(
      `something is acknowledged after "${name}"`,
      () => world.fleet.acknowledged > before,
      120_000,
    );
    const recoveredS = (performance.now() - healedAt) / 1000;
    if (recoveredS > 10) say(`         recovered only after ${recoveredS.toFixed(1)} s`);
  }
}

/** Up and down across the limit, every device at its own pace: alerts are raised and end all the time. */
function waveOf(device: number, n: number): number {
  return Math.round(LIMIT + 60 * Math.sin(n / (7 + (device % 11))) + (n % 5)) + 0.5;
}

async function registerDevices(url: string, token: string, count: number) {
  const call = async (method: string, path: string, body: unknown) => {
    const answer = await callApi(url, method, path, { token, body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const devices: { id: string; username: string; password: string; topic: string }[] = [];
  for (let i = 1; i <= count; i++) {
    const id = `chaos-${i}`;
    const { credential } = await call('POST', '/devices', {
      id,
      name: id,
      type: 'air-quality',
      position: [105.4, 9.1],
    });
    devices.push({ id, ...credential });
  }
  await call('POST', '/rules', {
    id: RULE,
    kind: 'threshold',
    name: 'Chaos',
    domain: 'environment',
    severity: 'minor',
    params: { quantity: 'pm25', above: LIMIT },
    appliesTo: {},
  });
  await call('POST', `/rules/${RULE}/activate`, {});
  return devices;
}

function summaryOf({ counts, restartsMs }: World, verdict: Verdict): string {
  const slowest = Math.max(0, ...restartsMs) / 1000;
  const done = [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
  return [
    `faults: ${done}`,
    `sent ${verdict.sent}, acknowledged ${verdict.acknowledged}, stored ${verdict.stored}`,
    `lost ${verdict.lost.length}, duplicate ${verdict.duplicate.length}, phantom ${verdict.phantom.length}`,
    `alerts missed ${verdict.missedAlerts.length}, doubled ${verdict.doubledAlerts.length}, spurious ${verdict.spuriousAlerts.length}`,
    `slowest start ${slowest.toFixed(1)} s`,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      devices: { type: 'string', default: '20' },
    },
  });
  if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const { verdict, summary } = await runChaos({
    minutes: Number(values.minutes),
    seed,
    devices: Number(values.devices),
    say: (line) => console.log(line),
  });
  console.log(summary);
  const faults = faultsOf(verdict);
  console.log(faults ?? `nothing lost, nothing doubled, nothing made up (seed ${seed})`);
  process.exit(faults === undefined ? 0 : 1);
}
