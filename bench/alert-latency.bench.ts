import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { startApp } from '../server/boot/app.ts';
import { Settings } from '../server/boot/settings.ts';
import type { OpenDatabase } from '../server/db/index.ts';
import { createTestDatabase, postgresBin, startCluster } from '../test/support/postgres.ts';
import type { Bench, BenchRow } from './contract.ts';

const PASSWORD = 'Đo-thời-gian.báo-động-9';
const ALARMS = 300;
const RULES = 10_000;
/** Readings per second of other devices while alarms are timed. */
const LOAD_PER_S = 1000;
const LOAD_DEVICES = 10;

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

interface Credential {
  username: string;
  password: string;
  topic: string;
}

/** Rules about devices that exist, so that they are compiled and indexed as any other. */
async function seedRules(database: OpenDatabase): Promise<void> {
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
}

export const bench: Bench = {
  name: 'Reading to alert frame',
  method:
    `The whole product on PostgreSQL, ${RULES.toLocaleString('en')} rules: a reading over its limit published over ` +
    'MQTT (QoS 1) until the alert stands on an open WebSocket, one after the other. Beside it, from the same message: ' +
    'the PUBACK, which means committed.',
  async run(): Promise<BenchRow[]> {
    if (!postgresBin()) throw new Error('PostgreSQL with PostGIS is not installed');
    const cluster = startCluster();
    const dataDir = mkdtempSync(join(tmpdir(), 'haidang-bench-'));
    const database = await createTestDatabase(cluster);
    await seedRules(database);
    const settings = Settings.parse({
      dataDir,
      adminPassword: PASSWORD,
      signIn: { secondFactorRoles: 'none' },
      http: { port: 0 },
      mqtt: { port: 0 },
      db: { url: cluster.url(database.name) },
      roles: ['api', 'ingest', 'worker'],
    });
    const app = await startApp(settings, quiet);
    const { url, mqttPort } = app.control;
    const clients: MqttClient[] = [];
    const connect = async ({ username, password }: Credential) => {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { username, password });
      clients.push(client);
      return client;
    };
    let socket: WebSocket | undefined;
    try {
      const call = async (path: string, body: unknown, token?: string) => {
        const answer = await fetch(`${url}/api/v1${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as Record<string, unknown>;
      };
      const signedIn = await call('/auth/login', { username: 'admin', password: PASSWORD });
      const token = String(signedIn.accessToken);
      const device = async (id: string): Promise<Credential> => {
        const body = { id, name: id, type: 'air-quality', position: [105.4, 9.1] };
        return (await call('/devices', body, token)).credential as Credential;
      };
      const rule = {
        id: 'timed',
        kind: 'threshold',
        name: 'Timed',
        domain: 'environment',
        severity: 'major',
      };
      const timed = await device('timed');
      await call(
        '/rules',
        { ...rule, params: { quantity: 'pm25', above: 150 }, appliesTo: { devices: ['timed'] } },
        token,
      );
      await call('/rules/timed/activate', {}, token);

      const { ticket } = await call('/live/ticket', {}, token);
      socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live?ticket=${ticket}`);
      const waiting: ((atMs: number) => void)[] = [];
      socket.on('message', (text) => {
        const at = performance.now();
        const frame = JSON.parse(String(text));
        if (frame.type === 'event' && frame.data.event?.kind === 'raised') waiting.shift()?.(at);
      });
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'subscribe', topics: ['alerts'] }));

      const sensor = await connect(timed);
      const round = async () => {
        const ackMs: number[] = [];
        const frameMs: number[] = [];
        for (let index = 0; index < ALARMS; index += 1) {
          const started = performance.now();
          const frame = new Promise<number>((resolve) => waiting.push(resolve));
          await sensor.publishAsync(timed.topic, JSON.stringify({ values: { pm25: 200 } }), { qos: 1 });
          ackMs.push(performance.now() - started);
          frameMs.push((await frame) - started);
          await sensor.publishAsync(timed.topic, JSON.stringify({ values: { pm25: 10 } }), { qos: 1 });
        }
        return { ackMs, frameMs };
      };

      const alone = await round();
      const others = await Promise.all(
        Array.from({ length: LOAD_DEVICES }, async (_, index) => {
          const credential = await device(`load-${index}`);
          return { client: await connect(credential), topic: credential.topic };
        }),
      );
      let sent = 0;
      const loadStarted = performance.now();
      const timer = setInterval(() => {
        // So many as are due by now, whatever the timer's grain.
        const due = ((performance.now() - loadStarted) / 1000) * LOAD_PER_S;
        for (; sent < due; sent += 1) {
          const other = others[sent % others.length];
          other?.client.publish(other.topic, JSON.stringify({ values: { pm25: 40 + (sent % 9) } }), {
            qos: 1,
          });
        }
      }, 5);
      const loaded = await round();
      clearInterval(timer);
      const rate = Math.round(sent / ((performance.now() - loadStarted) / 1000));
      return [...rows('alone', alone), ...rows(`beside ${rate} other readings/s`, loaded)];
    } finally {
      socket?.terminate();
      for (const client of clients) client.end(true);
      await app.stop();
      await database.close();
      cluster.remove();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

function rows(when: string, times: { ackMs: number[]; frameMs: number[] }): BenchRow[] {
  return [
    { name: 'p50', share: 0.5, goal: '≤ 10 ms' },
    { name: 'p99', share: 0.99, goal: '≤ 50 ms' },
  ].map(({ name, share, goal }) => {
    const [frame, ack] = [quantile(times.frameMs, share), quantile(times.ackMs, share)];
    return {
      measure: `${name}, ${when}`,
      ours: `${frame.toFixed(1)} ms`,
      peer: `PUBACK ${ack.toFixed(1)} ms`,
      ratio: frame / ack,
      goal,
    };
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
