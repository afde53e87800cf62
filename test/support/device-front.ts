import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RuleEngine } from '../../core/ports.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { DATABASE_ADAPTERS } from './adapters.ts';
import { deviceRecord, memoryDirectory, startTestIngest, type TestIngestOptions } from './ingest.ts';

/**
 * For test files about the device front: one database, and for each test a started ingest, devices and clients that
 * are put away afterwards. Call it inside a `describe`.
 */
export function deviceFront() {
  let database: OpenDatabase | undefined;
  const devices = memoryDirectory([]);
  const names = Math.random().toString(36).slice(2, 8);
  let serial = 0;
  let ingest: Awaited<ReturnType<typeof startTestIngest>> | undefined;
  const clients: MqttClient[] = [];
  const held: (() => void)[] = [];

  beforeAll(async () => {
    // The front does not care which database it is; PostgreSQL starts faster.
    const adapter = DATABASE_ADAPTERS.findLast(({ available }) => available);
    if (!adapter) throw new Error('no database to test on');
    database = await adapter.open();
  });
  afterEach(async () => {
    for (const release of held.splice(0)) release();
    for (const client of clients.splice(0)) client.end(true);
    await front.stop();
  });
  afterAll(async () => {
    await database?.close();
  });

  const db = () => {
    if (!database) throw new Error('the database is not open');
    return database;
  };
  const front = {
    devices,
    get database() {
      return db();
    },
    get ingest() {
      if (!ingest) throw new Error('ingest is not started');
      return ingest;
    },
    async start(options: Partial<TestIngestOptions> = {}): Promise<number> {
      ingest = await startTestIngest({ database: db(), devices, ...options });
      return ingest.mqttPort ?? 0;
    },
    /** The test may stop it, too; the second time does nothing. */
    async stop(): Promise<void> {
      const running = ingest;
      ingest = undefined;
      await running?.stop();
    },
    newDevice(over = {}): string {
      const record = deviceRecord(`front-${names}-${++serial}`, over);
      devices.put(record);
      return record.id;
    },
    /** A client that does not come back by itself. */
    async connect(id: string, options: IClientOptions = {}): Promise<MqttClient> {
      const client = mqtt.connect({
        host: '127.0.0.1',
        port: front.ingest.mqttPort,
        username: id,
        password: `${id}-secret`,
        reconnectPeriod: 0,
        connectTimeout: 20_000,
        ...options,
      });
      clients.push(client);
      client.on('error', () => undefined);
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve());
        client.once('error', reject);
        client.once('close', () => reject(new Error('closed before CONNACK')));
      });
      return client;
    },
    async storedValues(id: string): Promise<number[]> {
      const rows = await db().query<{ value: number }>(sql`
        select value from observations o join series s on s.id = o.series_id
        where device_id = ${id} order by o.time`);
      return rows.map((row) => row.value);
    },
    /** Codes in quarantine, oldest first. */
    async codes(id: string | null): Promise<string[]> {
      const rows = await db().query<{ code: string }>(
        sql`select code from quarantine where device_id is not distinct from ${id} order by id`,
      );
      return rows.map((row) => row.code);
    },
    /** Rules whose writing waits until it is let go: a commit that takes as long as the test wants. */
    heldCommit() {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      held.push(release);
      let waiting = 0;
      const rules: RuleEngine = {
        evaluate: ({ deviceId }) => [
          { ruleId: 'r', ruleVersion: 1, subjectType: 'device', subjectId: deviceId, state: 1, signal: null },
        ],
        async persist() {
          waiting++;
          await open;
          return [];
        },
      };
      return { rules, release, isWaiting: () => waiting > 0 };
    },
  };
  return front;
}

export const upTopic = (id: string) => `ioc/v1/main/${id}/up`;

/** A body whose time follows from its number, yesterday. */
export const reading = (pm25: number, extra = {}) =>
  JSON.stringify({ ts: Date.now() - 86_400_000 + pm25 * 1000, values: { pm25 }, ...extra });

/** What an attempt was refused with: its code, else its message. */
export async function refusalOf(attempt: Promise<unknown>): Promise<unknown> {
  const error = (await attempt.then(
    () => ({ code: 'accepted' }),
    (reason: unknown) => reason,
  )) as { code?: unknown; message?: string };
  return error.code ?? error.message;
}

export function closed(client: MqttClient): Promise<void> {
  return client.disconnected && !client.connected
    ? Promise.resolve()
    : new Promise<void>((resolve) => client.once('close', () => resolve()));
}
