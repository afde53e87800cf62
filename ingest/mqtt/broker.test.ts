import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import mqttPacket from 'mqtt-packet';
import sql from 'sql-template-tag';
import { describe, expect, it } from 'vitest';
import { closed, deviceFront, reading, refusalOf, upTopic } from '../../test/support/device-front.ts';
import { deviceRecord } from '../../test/support/ingest.ts';
import { hasMosquitto, mosquittoPub } from '../../test/support/mosquitto.ts';
import { until } from '../../test/support/wait.ts';

describe('the device front', () => {
  const front = deviceFront();
  const { devices, start, newDevice, connect, storedValues, codes, heldCommit } = front;

  describe.skipIf(!hasMosquitto)('with mosquitto_pub as the device', () => {
    it('refuses or quarantines everything wrong with a code, and stores the next good reading', async () => {
      const [id, other] = [newDevice(), newDevice()];
      const port = await start();
      const as = { port, username: id, password: `${id}-secret`, topic: upTopic(id) };

      expect((await mosquittoPub({ ...as, message: reading(1) })).code).toBe(0);
      expect(await storedValues(id)).toEqual([1]);

      const wrong = await mosquittoPub({ ...as, password: 'guess', message: reading(2) });
      expect(wrong.code).not.toBe(0);
      expect(wrong.said).toMatch(/not authori[sz]ed/i);

      expect((await mosquittoPub({ ...as, topic: upTopic(other), message: reading(3) })).code).not.toBe(0);
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
      const [row] = await front.database.query<{ bytes: number; payload: unknown }>(sql`
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
      const as = { port, username: id, password: `${id}-secret`, topic: upTopic(id), qos, extra };
      expect((await mosquittoPub({ ...as, message: reading(7) })).code).toBe(0);
      await until('it is stored', async () => (await storedValues(id)).length === 1);
    });

    it('refuses a last will that would speak for another device', async () => {
      const [id, other] = [newDevice(), newDevice()];
      const port = await start();
      const as = { port, username: id, password: `${id}-secret`, topic: upTopic(id), message: reading(1) };
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
      const as = { username: id, password: `${id}-secret`, topic: upTopic(id), message: reading(1) };
      const published = await mosquittoPub({
        ...as,
        port: front.ingest.tlsPort ?? 0,
        extra: ['--cafile', cert],
      });
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
      const publishing = client.publishAsync(upTopic(id), reading(1), { qos: 1 }).then(() => {
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
        Array.from({ length: 800 }, (_, n) => client.publishAsync(upTopic(id), reading(n), { qos: 1 })),
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
        client.publishAsync(upTopic(id), reading(n), { qos: 1 }),
      );
      await until('the batch is at its commit', isWaiting);
      const stopping = front.stop();
      release();
      await stopping;
      await Promise.all(publishing);
      expect(await storedValues(id)).toHaveLength(20);
    });
  });

  describe('too much at once', () => {
    it('L1: stops reading QoS 1 and loses nothing of it; QoS 0 beyond is dropped and counted exactly', async () => {
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
              topic: upTopic(careless),
              payload: reading(n),
              qos: 0,
              dup: false,
              retain: false,
            }),
          ),
        ),
      );
      await until('QoS 0 is dropped', () => front.ingest.stats().mqtt.droppedQos0Total > 0);
      const acks = Promise.allSettled(
        Array.from({ length: total }, (_, n) => one.publishAsync(upTopic(careful), reading(n), { qos: 1 })),
      );
      release();
      expect((await acks).filter(({ status }) => status === 'rejected')).toEqual([]);
      await zero.endAsync();
      await until('all QoS 0 is accounted for', async () => {
        const kept = (await storedValues(careless)).length;
        return kept + front.ingest.stats().mqtt.droppedQos0Total === total;
      });
      expect(await storedValues(careful)).toHaveLength(total);
    });
  });

  describe('a device that sends more than its allowance', () => {
    it('is read more slowly and loses nothing, others do not notice, and the books add up', async () => {
      const [wild, other] = [newDevice(), newDevice()];
      await start({ ingest: { maxReadingsPerDeviceS: 2 } });
      const client = await connect(wild);
      const good = await connect(other);
      const total = 125;
      const sending = Promise.all(
        Array.from({ length: total }, (_, n) => client.publishAsync(upTopic(wild), reading(n), { qos: 1 })),
      );
      await until('it is shown', () => front.ingest.healthOf('ingest.quota')?.state === 'degraded');
      await good.publishAsync(upTopic(other), reading(1), { qos: 1 });
      await sending;
      expect(await storedValues(wild)).toHaveLength(total);
      expect(front.ingest.reconcile()).toEqual([]);
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
      await victim.publishAsync(upTopic(id), reading(1), { qos: 1 });
      await robber.publishAsync(upTopic(thief), reading(2, { deviceId: id }), { qos: 1 });
      expect(await storedValues(id)).toEqual([1]);
      expect(await storedValues(thief)).toEqual([2]);
    });

    it('D12: hands over to a second connection once, and not back and forth in a tight loop', async () => {
      const id = newDevice();
      await start();
      const first = await connect(id);
      const second = await connect(id);
      await closed(first);
      expect(await refusalOf(connect(id))).toBe(3);
      expect(second.connected).toBe(true);
      expect(front.ingest.stats().mqtt.takeoverTotal).toBe(1);
      await second.publishAsync(upTopic(id), reading(1), { qos: 1 });
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
      expect(front.ingest.stats().mqtt.connections).toBeLessThanOrEqual(1);
    });

    it('L3: lets a right password in at once while others guess from the same address', async () => {
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
      await until('the guesses are in', () => front.ingest.stats().mqtt.authFailedTotal >= 100);
      // Not after the guesses: they are all still waiting for their answers.
      const client = await connect(id);
      expect(guesses.every((socket) => !socket.destroyed)).toBe(true);
      await client.publishAsync(upTopic(id), reading(1), { qos: 1 });
      for (const socket of guesses) socket.destroy();
    });

    it('ends the connection of a device that is switched off', async () => {
      const id = newDevice();
      await start();
      const client = await connect(id);
      devices.put({ ...deviceRecord(id), enabled: false });
      front.ingest.bus.emit('registry.changed', { kind: 'device', id });
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
      for (const topic of ['#', '+/+/x', '$SYS/#', '$share/g/#', upTopic(id), `ioc/v1/main/${other}/down`]) {
        expect(await granted(topic), topic).toBe(false);
      }
      expect(client.connected).toBe(true);
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
});
