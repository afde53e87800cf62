import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RuleEngine } from '../../core/ports.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import {
  deviceRecord,
  memoryDirectory,
  noRules,
  startTestIngest,
  type TestIngestOptions,
} from '../../test/support/ingest.ts';
import { hasMosquitto, mosquittoPub } from '../../test/support/mosquitto.ts';
import { until } from '../../test/support/wait.ts';

describe('the device front', () => {
  let database: OpenDatabase;
  const devices = memoryDirectory([]);
  let serial = 0;
  let ingest: Awaited<ReturnType<typeof startTestIngest>>;
  const clients: MqttClient[] = [];
  const held: (() => void)[] = [];
  let stopped = false;

  beforeAll(async () => {
    // The front does not care which database it is; PostgreSQL starts faster.
    const adapter = DATABASE_ADAPTERS.findLast(({ available }) => available);
    if (!adapter) throw new Error('no database to test on');
    database = await adapter.open();
  });
  afterEach(async () => {
    for (const release of held.splice(0)) release();
    for (const client of clients.splice(0)) client.end(true);
    if (!stopped) await ingest.stop();
  });
  afterAll(async () => {
    await database?.close();
  });

  const start = async (options: Partial<TestIngestOptions> = {}) => {
    stopped = false;
    ingest = await startTestIngest({ database, devices, ...options });
    return ingest.mqttPort ?? 0;
  };
  const newDevice = (over = {}) => {
    const record = deviceRecord(`front-${++serial}`, over);
    devices.put(record);
    return record.id;
  };
  const up = (id: string) => `ioc/v1/main/${id}/up`;
  /** A client that does not come back by itself. */
  const connect = async (id: string, options: IClientOptions = {}) => {
    const client = mqtt.connect({
      host: '127.0.0.1',
      port: ingest.mqttPort,
      username: id,
      password: `${id}-secret`,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
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
  };
  const refusalOf = async (attempt: Promise<unknown>) => {
    const error = (await attempt.then(
      () => ({ code: 'accepted' }),
      (reason: unknown) => reason,
    )) as { code?: unknown; message?: string };
    return error.code ?? error.message;
  };
  const closed = (client: MqttClient) =>
    client.disconnected && !client.connected
      ? Promise.resolve()
      : new Promise<void>((resolve) => client.once('close', () => resolve()));
  const storedValues = async (id: string) =>
    (
      await database.query<{ value: number }>(sql`
        select value from observations o join series s on s.id = o.series_id
        where device_id = ${id} order by o.time`)
    ).map((row) => row.value);
  const codes = async (id: string | null) =>
    (
      await database.query<{ code: string }>(
        sql`select code from quarantine where device_id is not distinct from ${id} order by id`,
      )
    ).map((row) => row.code);
  const reading = (pm25: number, extra = {}) =>
    JSON.stringify({ ts: Date.now() - 86_400_000 + pm25 * 1000, values: { pm25 }, ...extra });

  /** Rules whose writing waits until it is let go: a commit that takes as long as the test wants. */
  const heldCommit = () => {
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
  };

  describe.skipIf(!hasMosquitto)('with mosquitto_pub as the device', () => {
    it('refuses or quarantines everything wrong with a code, and stores the next good reading', async () => {
      const [id, other] = [newDevice(), newDevice()];
      const port = await start();
      const as = { port, username: id, password: `${id}-secret`, topic: up(id) };

      expect((await mosquittoPub({ ...as, message: reading(1) })).code).toBe(0);
      expect(await storedValues(id)).toEqual([1]);

      const wrong = await mosquittoPub({ ...as, password: 'guess', message: reading(2) });
      expect(wrong.code).not.toBe(0);
      expect(wrong.said).toMatch(/not authori[sz]ed/i);

      expect((await mosquittoPub({ ...as, topic: up(other), message: reading(3) })).code).not.toBe(0);
      await until('the foreign topic is noted', async () => (await codes(id)).includes('topic.forbidden'));

      const quarantined: [string, string][] = [
        ['{"ts": 12, "values"', 'payload.not_json'],
        ['{"values": {"pm25": 1e999}}', 'value.not_finite'],
        ['{"position": [105, 95], "values": {}}', 'position.out_of_range'],
        [reading(4, { ts: new Date(Date.now() + 3650 * 86_400_000).toISOString() }), 'time.future'],
      ];
      for (const [message, code] of quarantined) {
        expect((await mosquittoPub({ ...as, message })).code, code).toBe(0);
        expect((await codes(id)).at(-1)).toBe(code);
      }

      const huge = Buffer.alloc(20_000_000, 120);
      const heldBefore = process.memoryUsage().arrayBuffers;
      expect((await mosquittoPub({ ...as, message: huge })).code).not.toBe(0);
      await until('the oversize is noted', async () => (await codes(id)).includes('payload.too_large'));
      expect(process.memoryUsage().arrayBuffers - heldBefore).toBeLessThan(4_000_000);
      const [row] = await database.query<{ bytes: number; payload: unknown }>(sql`
        select payload_bytes as bytes, payload from quarantine
        where device_id = ${id} and code = 'payload.too_large'`);
      expect(row).toEqual({ bytes: expect.any(Number), payload: null });
      expect(row?.bytes).toBeGreaterThan(20_000_000);

      expect((await mosquittoPub({ ...as, message: reading(5) })).code).toBe(0);
      expect(await storedValues(id)).toEqual([1, 5]);
      expect(await storedValues(other)).toEqual([]);
    });

    it.each([
      [0, '311'],
      [1, '31'],
      [1, '311'],
      [2, '311'],
      [1, '5'],
      [2, '5'],
    ] as const)('stores a message of QoS %i in MQTT %s', async (qos, version) => {
      const id = newDevice();
      const port = await start();
      const extra = ['-V', `mqttv${version}`];
      const as = { port, username: id, password: `${id}-secret`, topic: up(id), qos, extra };
      expect((await mosquittoPub({ ...as, message: reading(7) })).code).toBe(0);
      await until('it is stored', async () => (await storedValues(id)).length === 1);
    });

    it('refuses a last will that would speak for another device', async () => {
      const [id, other] = [newDevice(), newDevice()];
      const port = await start();
      const as = { port, username: id, password: `${id}-secret`, topic: up(id), message: reading(1) };
      const will = (topic: string) => ['--will-topic', topic, '--will-payload', 'offline'];
      const refused = await mosquittoPub({ ...as, extra: will(`ioc/v1/main/${other}/state`) });
      expect(refused.code).not.toBe(0);
      await until('it is noted', async () => (await codes(id))[0] === 'topic.forbidden');
      expect((await mosquittoPub({ ...as, extra: will(`ioc/v1/main/${id}/state`) })).code).toBe(0);
    });

    it('speaks TLS when it has a certificate', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'haidang-tls-'));
      const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
      const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
      execFileSync(
        'openssl',
        [...args, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
        {
          stdio: 'ignore',
        },
      );
      const id = newDevice();
      await start({ mqtt: { tlsCertFile: cert, tlsKeyFile: key } });
      const as = { username: id, password: `${id}-secret`, topic: up(id), message: reading(1) };
      const published = await mosquittoPub({ ...as, port: ingest.tlsPort ?? 0, extra: ['--cafile', cert] });
      rmSync(dir, { recursive: true });
      expect(published).toEqual({ code: 0, said: '' });
      expect(await storedValues(id)).toEqual([1]);
    });
  });

  describe('acknowledgement', () => {
    it('comes after the commit and not before', async () => {
      const id = newDevice();
      const { rules, release, isWaiting } = heldCommit();
      await start({ rules });
      const client = await connect(id);
      let acked = false;
      const publishing = client.publishAsync(up(id), reading(1), { qos: 1 }).then(() => {
        acked = true;
      });
      await until('the batch is at its commit', isWaiting);
      for (let i = 0; i < 20; i++) await turn();
      expect(acked).toBe(false);
      expect(await storedValues(id)).toEqual([]);
      release();
      await publishing;
      expect(await storedValues(id)).toEqual([1]);
    });

    it('is shared by what a device has in flight: hundreds of messages, a few commits', async () => {
      const id = newDevice();
      let commits = 0;
      await start({
        rules: {
          evaluate: ({ deviceId }) => [
            {
              ruleId: 'r',
              ruleVersion: 1,
              subjectType: 'device',
              subjectId: deviceId,
              state: 1,
              signal: null,
            },
          ],
          persist: async () => {
            commits++;
            return [];
          },
        },
      });
      const client = await connect(id);
      await Promise.all(
        Array.from({ length: 800 }, (_, n) => client.publishAsync(up(id), reading(n), { qos: 1 })),
      );
      expect(await storedValues(id)).toHaveLength(800);
      expect(commits).toBeLessThan(80);
    });

    it('is given for everything already read when the process is asked to stop', async () => {
      const id = newDevice();
      const { rules, release, isWaiting } = heldCommit();
      await start({ rules });
      const client = await connect(id);
      const publishing = Array.from({ length: 20 }, (_, n) =>
        client.publishAsync(up(id), reading(n), { qos: 1 }),
      );
      await until('the batch is at its commit', isWaiting);
      stopped = true;
      const stopping = ingest.stop();
      release();
      await stopping;
      await Promise.all(publishing);
      expect(await storedValues(id)).toHaveLength(20);
    });
  });

  describe('too much at once', () => {
    it('stops reading QoS 1 and loses nothing of it; QoS 0 beyond is dropped and counted exactly', async () => {
      const [careful, careless] = [newDevice(), newDevice()];
      const { rules, release } = heldCommit();
      await start({ rules, ingest: { maxInFlightBytes: 1_048_576 } });
      const one = await connect(careful);
      const zero = await connect(careless);
      const total = 4000;
      // In one write, so that the front reads many at a time: what it has read when it stops reading is what it drops.
      zero.stream.write(
        Buffer.concat(
          Array.from({ length: total }, (_, n) =>
            mqttPacket.generate({
              cmd: 'publish',
              topic: up(careless),
              payload: reading(n),
              qos: 0,
              dup: false,
              retain: false,
            }),
          ),
        ),
      );
      await until('QoS 0 is dropped', () => ingest.stats().mqtt.droppedQos0Total > 0);
      const acks = Promise.allSettled(
        Array.from({ length: total }, (_, n) => one.publishAsync(up(careful), reading(n), { qos: 1 })),
      );
      release();
      expect((await acks).filter(({ status }) => status === 'rejected')).toEqual([]);
      await zero.endAsync();
      await until('all QoS 0 is accounted for', async () => {
        const kept = (await storedValues(careless)).length;
        return kept + ingest.stats().mqtt.droppedQos0Total === total;
      });
      expect(await storedValues(careful)).toHaveLength(total);
    });
  });

  describe('identity', () => {
    it('comes from the credential: another’s client id takes nothing from it', async () => {
      const [id, thief] = [newDevice(), newDevice()];
      await start();
      const victim = await connect(id, { clientId: 'victim' });
      const robber = await connect(thief, { clientId: 'victim' });
      expect(victim.connected).toBe(true);
      expect(await refusalOf(connect(thief, { clientId: id, password: 'guess' }))).toBe(5);
      expect(victim.connected).toBe(true);
      await victim.publishAsync(up(id), reading(1), { qos: 1 });
      await robber.publishAsync(up(thief), reading(2, { deviceId: id }), { qos: 1 });
      expect(await storedValues(id)).toEqual([1]);
      expect(await storedValues(thief)).toEqual([2]);
    });

    it('hands over to a second connection once, and not back and forth in a tight loop', async () => {
      const id = newDevice();
      await start();
      const first = await connect(id);
      const second = await connect(id);
      await closed(first);
      expect(await refusalOf(connect(id))).toBe(3);
      expect(second.connected).toBe(true);
      expect(ingest.stats().mqtt.takeoverTotal).toBe(1);
      await second.publishAsync(up(id), reading(1), { qos: 1 });
    });

    it.each([
      ['nobody', {}],
      ['a wrong password', { username: 'front-1', password: 'x' }],
      ['a name with a wildcard', { username: '+', password: 'x' }],
      ['a name with NUL in it', { username: 'a\u0000b', password: 'x' }],
      ['a name longer than any', { username: 'a'.repeat(5000), password: 'x' }],
    ])('lets %s in with code 5 only', async (_, credential) => {
      newDevice();
      await start();
      const attempt = connect('nobody', { username: undefined, password: undefined, ...credential });
      expect([5, 'closed before CONNACK']).toContain(await refusalOf(attempt));
      expect(ingest.stats().mqtt.connections).toBeLessThanOrEqual(1);
    });

    it('lets a right password in at once while others guess from the same address', async () => {
      const id = newDevice();
      const port = await start();
      const guesses = Array.from({ length: 200 }, (_, n) => {
        const socket = connectTcp(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(
          mqttPacket.generate({
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clean: true,
            clientId: `guess-${n}`,
            keepalive: 0,
            username: id,
            password: Buffer.from('guess'),
          }),
        );
        return socket;
      });
      await until('the guesses are in', () => ingest.stats().mqtt.authFailedTotal >= 100);
      const startedMs = performance.now();
      const client = await connect(id);
      expect(performance.now() - startedMs).toBeLessThan(1500);
      await client.publishAsync(up(id), reading(1), { qos: 1 });
      for (const socket of guesses) socket.destroy();
    });

    it('ends the connection of a device that is switched off', async () => {
      const id = newDevice();
      await start();
      const client = await connect(id);
      devices.put({ ...deviceRecord(id), enabled: false });
      ingest.bus.emit('registry.changed', { kind: 'device', id });
      await closed(client);
      expect(await refusalOf(connect(id))).toBe(5);
    });
  });

  describe('subscriptions', () => {
    it('are granted for the device’s own down and for nothing else', async () => {
      const [id, other] = [newDevice(), newDevice()];
      await start();
      const client = await connect(id);
      const granted = async (topic: string) => {
        const [grant] = await client.subscribeAsync(topic).catch(() => []);
        return grant !== undefined && grant.qos !== 128;
      };
      expect(await granted(`ioc/v1/main/${id}/down`)).toBe(true);
      for (const topic of ['#', '+/+/x', '$SYS/#', '$share/g/#', up(id), `ioc/v1/main/${other}/down`]) {
        expect(await granted(topic), topic).toBe(false);
      }
      expect(client.connected).toBe(true);
    });
  });

  describe('MQTT 5', () => {
    const connect5 = async (id: string, options: IClientOptions = {}) =>
      await connect(id, { protocolVersion: 5, ...options });

    it('is served: what is published is acknowledged after its commit, in every quality of service', async () => {
      const id = newDevice();
      await start();
      const client = await connect5(id, { clientId: '', clean: true, keepalive: 0 });
      const userProperties = { firmware: '1.2', place: 'bờ kè' };
      const properties = { contentType: 'application/json', messageExpiryInterval: 60, userProperties };
      await client.publishAsync(up(id), reading(1), { qos: 1, properties });
      await client.publishAsync(up(id), reading(2), { qos: 2, properties });
      expect(await storedValues(id)).toEqual([1, 2]);
      await client.publishAsync(up(id), reading(3), { qos: 0, properties });
      await until('QoS 0 is stored', async () => (await storedValues(id)).length === 3);
    });

    it('tells in the CONNACK what it does not do, and a keep-alive for who has none', async () => {
      const id = newDevice();
      await start();
      const client = mqtt.connect({
        host: '127.0.0.1',
        port: ingest.mqttPort,
        username: id,
        password: `${id}-secret`,
        protocolVersion: 5,
        keepalive: 0,
        clientId: '',
        reconnectPeriod: 0,
      });
      clients.push(client);
      const answer = await new Promise<unknown>((resolve) => client.once('connect', resolve));
      expect(answer).toMatchObject({
        reasonCode: 0,
        sessionPresent: false,
        properties: {
          maximumPacketSize: 262_144,
          wildcardSubscriptionAvailable: false,
          sharedSubscriptionAvailable: false,
          serverKeepAlive: 1200,
          assignedClientIdentifier: id,
        },
      });
    });

    it('gives the reason: a wrong password, a foreign topic, a message of which nothing can be stored', async () => {
      const [id, other] = [newDevice(), newDevice()];
      await start();
      expect(await refusalOf(connect5(id, { password: 'guess' }))).toBe(0x86);
      const client = await connect5(id);
      const refusal = async (topic: string, body: string) =>
        await refusalOf(client.publishAsync(topic, body, { qos: 1 }));
      expect(await refusal(up(other), reading(1))).toBe(0x87);
      expect(await refusal(up(id), '{"values"')).toBe(0x99);
      expect(await codes(id)).toEqual(expect.arrayContaining(['topic.forbidden', 'payload.not_json']));
      // The connection stands, and what is good is stored.
      await client.publishAsync(up(id), reading(2), { qos: 1 });
      expect(await storedValues(id)).toEqual([2]);
    });

    it('says goodbye: to a device whose credential is used elsewhere, and when the centre stops', async () => {
      const id = newDevice();
      await start();
      const reasons: (number | undefined)[] = [];
      const listen = (client: MqttClient) =>
        client.on('disconnect', (packet) => reasons.push(packet.reasonCode));
      listen(await connect5(id));
      listen(await connect5(id));
      await until('the first is told', () => reasons.length === 1);
      stopped = true;
      await ingest.stop();
      await until('the second is told', () => reasons.length === 2);
      expect(reasons).toEqual([0x8e, 0x8b]);
    });

    it('refuses what it never offered: a topic alias', async () => {
      const id = newDevice();
      await start();
      const client = await connect5(id);
      const gone = closed(client);
      const reasons: (number | undefined)[] = [];
      client.on('disconnect', (packet) => reasons.push(packet.reasonCode));
      client.stream.write(
        mqttPacket.generate(
          {
            cmd: 'publish',
            topic: up(id),
            payload: reading(1),
            qos: 1,
            messageId: 1,
            dup: false,
            retain: false,
            properties: { topicAlias: 1 },
          },
          { protocolVersion: 5 },
        ),
      );
      await gone;
      expect(reasons).toEqual([0x94]);
    });
  });

  describe('presence', () => {
    it('is told when a device comes, says so itself, and dies', async () => {
      const id = newDevice();
      const seen: string[] = [];
      await start({ presence: { changed: (device, state) => seen.push(`${device} ${state}`) } });
      const state = `ioc/v1/main/${id}/state`;
      const client = await connect(id, {
        will: { topic: state, payload: Buffer.from('offline'), qos: 1, retain: true },
      });
      await client.publishAsync(state, 'online', { qos: 1, retain: true });
      client.stream.destroy();
      await until('it is gone', () => seen.at(-1) === `${id} offline`);
      expect(seen.slice(0, 2)).toEqual([`${id} online`, `${id} online`]);
    });
  });

  describe('a last will', () => {
    it('on the topic of readings is stored when the connection breaks, and not after a goodbye', async () => {
      const id = newDevice();
      await start();
      const will = { topic: up(id), payload: Buffer.from(reading(9)), qos: 1 as const, retain: false };
      const polite = await connect(id, { will });
      await polite.endAsync();
      await until('it has gone', () => ingest.stats().mqtt.connections === 0);
      expect(await storedValues(id)).toEqual([]);
      const broken = await connect(id, { will });
      broken.stream.destroy();
      await until('the will is stored', async () => (await storedValues(id)).length === 1);
    });
  });

  describe('the wire', () => {
    it.each([
      ['a version nobody speaks', 9, 1],
      ['MQTT 3.1.1', 4, 0],
    ])('answers %s in the CONNACK', async (_, version, code) => {
      const id = newDevice();
      const port = await start();
      const packet = mqttPacket.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'x',
        keepalive: 30,
        username: id,
        password: Buffer.from(`${id}-secret`),
      });
      packet[8] = version;
      const socket = connectTcp(port, '127.0.0.1');
      socket.write(packet);
      const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
      expect([...answer]).toEqual([0x20, 2, 0, code]);
      socket.destroy();
    });

    it('answers in the order of the messages, also what needs no commit', async () => {
      const id = newDevice();
      const { rules, release, isWaiting } = heldCommit();
      await start({ rules });
      const client = await connect(id);
      const order: string[] = [];
      const first = client.publishAsync(up(id), reading(1), { qos: 1 }).then(() => order.push('reading'));
      const state = client
        .publishAsync(`ioc/v1/main/${id}/state`, 'online', { qos: 1 })
        .then(() => order.push('state'));
      await until('the batch is at its commit', isWaiting);
      for (let i = 0; i < 20; i++) await turn();
      expect(order).toEqual([]);
      release();
      await Promise.all([first, state]);
      expect(order).toEqual(['reading', 'state']);
    });

    it('takes a connection that arrives byte by byte', async () => {
      const id = newDevice();
      const port = await start({ rules: noRules });
      const bytes = Buffer.concat([
        mqttPacket.generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: 'slow',
          keepalive: 30,
          username: id,
          password: Buffer.from(`${id}-secret`),
        }),
        mqttPacket.generate({
          cmd: 'publish',
          topic: up(id),
          payload: reading(1),
          qos: 1,
          messageId: 7,
          dup: false,
          retain: false,
        }),
      ]);
      const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
      const answers: string[] = [];
      const parser = mqttPacket.parser();
      parser.on('packet', (packet) => answers.push(packet.cmd));
      socket.on('data', (chunk) => parser.parse(chunk));
      for (const byte of bytes) {
        socket.write(Buffer.from([byte]));
        await turn();
      }
      await until('both are answered', () => answers.length === 2);
      expect(answers).toEqual(['connack', 'puback']);
      expect(await storedValues(id)).toEqual([1]);
      socket.destroy();
    });

    it('closes a connection that says nothing in time', async () => {
      const port = await start({ mqtt: { connectTimeoutS: 1 } });
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await until('it is gone here, too', () => ingest.stats().mqtt.connections === 0);
    });

    it('survives garbage', async () => {
      const id = newDevice();
      const port = await start();
      for (let seed = 0; seed < 40; seed++) {
        const socket = connectTcp(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.end(Buffer.from(Array.from({ length: 200 }, (_, i) => (i * (seed * 37 + 11) + seed) % 256)));
      }
      const client = await connect(id);
      await client.publishAsync(up(id), reading(1), { qos: 1 });
      expect(await storedValues(id)).toEqual([1]);
    });
  });
});
