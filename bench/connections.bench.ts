import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import sql from 'sql-template-tag';
import { freePort } from '../test/support/free-port.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';
import { residentBytes } from './support/cpu.ts';

const DEVICES = 10_000;
const STORMS = 3;
const GOAL_S = 20;
const GOAL_KB = 20;
const CHILD = fileURLToPath(new URL('../test/support/ingest-child.ts', import.meta.url));
const LOAD = fileURLToPath(new URL('./support/connect-load.ts', import.meta.url));

interface Served {
  connectedS: number;
  servedS: number;
}

export const bench: Bench = {
  name: 'connections',
  method:
    `${DEVICES.toLocaleString('en')} devices in one process connect to ingest in another at once, publish one reading each (QoS 1) ` +
    `and stay; then ${STORMS} times in a row all connections are cut and come back at once. Memory is what the process has more than when it was empty.`,

  async run(): Promise<BenchRow[]> {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    const database = await createTestDatabase(cluster);
    const port = await freePort();
    const children: ChildProcess[] = [];
    const start = (file: string, argument: object) => {
      const child = spawn(process.execPath, [file, JSON.stringify(argument)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      return child;
    };
    try {
      const ingest = start(CHILD, { url: cluster.url(database.name), port, devices: DEVICES });
      await once(ingest.stdout ?? ingest, 'data');
      const emptyBytes = residentBytes(ingest.pid ?? 0);
      const load = start(LOAD, { port, devices: DEVICES });
      const answers = createInterface({ input: load.stdout ?? process.stdin })[Symbol.asyncIterator]();
      const serve = async (): Promise<Served> => {
        load.stdin?.write('go\n');
        const { value } = await answers.next();
        return JSON.parse(String(value)) as Served;
      };
      const first = await serve();
      // What the connecting itself took is given back after a while.
      await new Promise((resolve) => setTimeout(resolve, 5000));
      const eachKb = (residentBytes(ingest.pid ?? 0) - emptyBytes) / DEVICES / 1024;
      const storms: Served[] = [];
      for (let storm = 0; storm < STORMS; storm++) storms.push(await serve());
      const [stored] = await database.query<{ rows: number }>(sql`select count(*) as rows from observations`);
      const missing = (1 + STORMS) * DEVICES - (stored?.rows ?? 0);
      return [
        line('first time: all let in', seconds(first.connectedS), ''),
        line('first time: all acknowledged', seconds(first.servedS), ''),
        ...storms.map((storm, i) =>
          line(
            `storm ${i + 1}: all let in, all acknowledged`,
            `${seconds(storm.connectedS)}, ${seconds(storm.servedS)}`,
            `≤ ${GOAL_S} s`,
          ),
        ),
        line('memory for each connection', `${eachKb.toFixed(1)} KB`, `≤ ${GOAL_KB} KB`),
        line('acknowledged and not stored', String(missing), '0'),
      ];
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await database.close();
      cluster.remove();
    }
  },
};

const seconds = (value: number) => `${value.toFixed(1)} s`;
const line = (measure: string, ours: string, goal: string): BenchRow => ({
  measure,
  ours,
  peer: '–',
  ratio: null,
  goal,
});
