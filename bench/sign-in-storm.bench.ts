import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { startApp } from '../server/boot/app.ts';
import { Settings } from '../server/boot/settings.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';

const PASSWORD = 'Đo-thời-gian.đăng-nhập-9';
const PARALLEL = 1000;
const RATE_PER_S = 100;
const ROUND_S = 15;
const STORM = fileURLToPath(new URL('support/login-storm.ts', import.meta.url));

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

export const bench: Bench = {
  name: 'Readings under a storm of wrong passwords',
  method:
    `The whole product on PostgreSQL; ${RATE_PER_S} readings a second over MQTT (QoS 1), each timed until its PUBACK, ` +
    `for ${ROUND_S} s alone and ${ROUND_S} s while another process keeps ${PARALLEL} wrong sign-ins in flight, every ` +
    'one from an address of its own. The storm and its client share the machine with what is measured.',
  async run(): Promise<BenchRow[]> {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    const dataDir = mkdtempSync(join(tmpdir(), 'haidang-bench-'));
    const database = await createTestDatabase(cluster);
    const settings = Settings.parse({
      dataDir,
      adminPassword: PASSWORD,
      signIn: { secondFactorRoles: 'none', changeIssuedPasswords: false, acceptTerms: false },
      http: { port: 0, trustProxy: true },
      mqtt: { port: 0 },
      db: { url: cluster.url(database.name) },
      roles: ['api', 'ingest', 'worker'],
    });
    const app = await startApp(settings, quiet);
    const { url, token, mqttPort } = app.control;
    try {
      const answer = await fetch(`${url}/api/v1/devices`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ id: 'timed', name: 'timed', type: 'air-quality', position: [105.4, 9.1] }),
      });
      const { credential } = (await answer.json()) as {
        credential: { username: string; password: string; topic: string };
      };
      const sensor = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, credential);
      const round = async (): Promise<number[]> => {
        const times: number[] = [];
        const waiting: Promise<unknown>[] = [];
        const started = performance.now();
        for (let sent = 0; sent < RATE_PER_S * ROUND_S; sent++) {
          const due = started + (sent * 1000) / RATE_PER_S;
          const early = due - performance.now();
          if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
          // From when it was due: what had to wait for its turn to be sent counts too.
          const message = JSON.stringify({ values: { pm25: 40 + (sent % 9) } });
          waiting.push(
            sensor
              .publishAsync(credential.topic, message, { qos: 1 })
              .then(() => times.push(performance.now() - due)),
          );
        }
        await Promise.all(waiting);
        return times;
      };
      await round();
      const idle = await round();
      const storm = fork(STORM, [url, String(PARALLEL)], { stdio: 'inherit' });
      await once(storm, 'message');
      const stormy = await round();
      const counted = once(storm, 'message');
      storm.send('stop');
      const [counts] = (await counted) as [Record<string, number>];
      await sensor.endAsync(true);
      const told = Object.entries(counts)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ');
      return [
        { name: 'p50', share: 0.5, goal: '–' },
        { name: 'p99', share: 0.99, goal: '≤ 2 × idle' },
      ].map(({ name, share, goal }) => {
        const [under, alone] = [quantile(stormy, share), quantile(idle, share)];
        return {
          measure: `PUBACK ${name}, ${told}`,
          ours: `${under.toFixed(1)} ms`,
          peer: `idle ${alone.toFixed(1)} ms`,
          ratio: under / alone,
          goal,
        };
      });
    } finally {
      await app.stop();
      await database.close();
      cluster.remove();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
