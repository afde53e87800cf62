import { connect as connectTcp } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { closed, deviceFront, reading, refusalOf, upTopic } from '../../test/support/device-front.ts';
import { noRules } from '../../test/support/ingest.ts';
import { until } from '../../test/support/wait.ts';

describe('the device front', () => {
  const front = deviceFront();
  const { start, newDevice, connect, storedValues, codes, heldCommit } = front;

  describe('MQTT 5', () => {
    const connect5 = async (id: string, options: IClientOptions = {}) =>
      await connect(id, { protocolVersion: 5, ...options });

    it('is served: what is published is acknowledged after its commit, in every quality of service', async () => {
      const id = newDevice();
      await start();
      const client = await connect5(id, { clientId: '', clean: true, keepalive: 0 });
      const userProperties = { firmware: '1.2', place: 'bờ kè' };
      const properties = { contentType: 'application/json', messageExpiryInterval: 60, userProperties };
      await client.publishAsync(upTopic(id), reading(1), { qos: 1, properties });
      await client.publishAsync(upTopic(id), reading(2), { qos: 2, properties });
      expect(await storedValues(id)).toEqual([1, 2]);
      await client.publishAsync(upTopic(id), reading(3), { qos: 0, properties });
      await until('QoS 0 is stored', async () => (await storedValues(id)).length === 3);
    });

    it('tells in the CONNACK what it does not do, and a keep-alive for who has none', async () => {
      const id = newDevice();
      await start();
      const client = mqtt.connect({
        host: '127.0.0.1',
        port: front.ingest.mqttPort,
        username: id,
        password: `${id}-secret`,
        protocolVersion: 5,
        keepalive: 0,
        clientId: '',
        reconnectPeriod: 0,
      });
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
      client.end(true);
    });

    it('gives the reason: a wrong password, a foreign topic, a message of which nothing can be stored', async () => {
      const [id, other] = [newDevice(), newDevice()];
      await start();
      expect(await refusalOf(connect5(id, { password: 'guess' }))).toBe(0x86);
      const client = await connect5(id);
      const refusal = async (topic: string, body: string) =>
        await refusalOf(client.publishAsync(topic, body, { qos: 1 }));
      expect(await refusal(upTopic(other), reading(1))).toBe(0x87);
      expect(await refusal(upTopic(id), '{"values"')).toBe(0x99);
      expect(await codes(id)).toEqual(expect.arrayContaining(['topic.forbidden', 'payload.not_json']));
      // The connection stands, and what is good is stored.
      await client.publishAsync(upTopic(id), reading(2), { qos: 1 });
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
      await front.stop();
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
            topic: upTopic(id),
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

  describe('a last will', () => {
    it('on the topic of readings is stored when the connection breaks, and not after a goodbye', async () => {
      const id = newDevice();
      await start();
      const will = { topic: upTopic(id), payload: Buffer.from(reading(9)), qos: 1 as const, retain: false };
      const polite = await connect(id, { will });
      await polite.endAsync();
      await until('it has gone', () => front.ingest.stats().mqtt.connections === 0);
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
      const first = client
        .publishAsync(upTopic(id), reading(1), { qos: 1 })
        .then(() => order.push('reading'));
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
          topic: upTopic(id),
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

    it('L4: closes a connection that says nothing in time', async () => {
      const port = await start({ mqtt: { connectTimeoutS: 1 } });
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await until('it is gone here, too', () => front.ingest.stats().mqtt.connections === 0);
    });

    it('L4: closes connections that never finish their CONNECT, and serves real devices meanwhile', async () => {
      const id = newDevice();
      const port = await start({ mqtt: { connectTimeoutS: 10 } });
      const slow = Array.from({ length: 50 }, () => {
        const socket = connectTcp(port, '127.0.0.1');
        socket.on('error', () => undefined);
        // The header of a CONNECT of 200 bytes and its first three, and no more.
        socket.write(Buffer.from([0x10, 200, 1, 0, 4, 0x4d]));
        return new Promise<void>((resolve) => socket.once('close', () => resolve()));
      });
      const client = await connect(id);
      await client.publishAsync(upTopic(id), reading(1), { qos: 1 });
      await Promise.all(slow);
      expect(client.connected).toBe(true);
      expect(await storedValues(id)).toEqual([1]);
    });

    it('D14: closes a device that is silent for longer than its keep-alive, and says that it has gone', async () => {
      const id = newDevice();
      const seen: string[] = [];
      const port = await start({ presence: { changed: (device, state) => seen.push(`${device} ${state}`) } });
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(
        mqttPacket.generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: 'silent',
          keepalive: 1,
          username: id,
          password: Buffer.from(`${id}-secret`),
        }),
      );
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await until('it is known to have gone', () => seen.length === 2);
      expect(seen).toEqual([`${id} online`, `${id} offline`]);
    });

    it('L2: serves many devices that come back at once, three times in a row, and loses nothing', async () => {
      const ids = Array.from({ length: 150 }, () => newDevice());
      await start();
      for (let storm = 1; storm <= 3; storm++) {
        const clients = await Promise.all(ids.map(async (id) => await connect(id)));
        await Promise.all(
          clients.map((client, i) => client.publishAsync(upTopic(ids[i] ?? ''), reading(storm), { qos: 1 })),
        );
        for (const client of clients) client.stream.destroy();
        await until('all have gone', () => front.ingest.stats().mqtt.connections === 0);
      }
      const stored = await Promise.all(ids.map(async (id) => (await storedValues(id)).length));
      expect(stored.every((count) => count === 3)).toBe(true);
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
      await client.publishAsync(upTopic(id), reading(1), { qos: 1 });
      expect(await storedValues(id)).toEqual([1]);
    });
  });
});
