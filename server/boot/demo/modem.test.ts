import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testLogger } from '../../../test/support/logger.ts';
import { createModem } from './modem.ts';

describe('a simulated modem', () => {
  let broker: Aedes;
  let server: Server;
  let port: number;
  const seen: { topic: string; payload: string }[] = [];
  const credential = { username: 'kk-01', password: 'right', topic: 'ioc/v1/main/kk-01/up' };

  beforeAll(async () => {
    broker = await Aedes.createBroker();
    broker.authenticate = (_client, username, password, done) =>
      done(null, username === credential.username && password?.toString() === credential.password);
    broker.on('publish', (packet, client) => {
      if (client || packet.topic.endsWith('/state'))
        seen.push({ topic: packet.topic, payload: packet.payload.toString() });
    });
    server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    server.close();
  });

  const until = async (what: () => boolean) => {
    const deadline = Date.now() + 5000;
    while (!what()) {
      if (Date.now() > deadline) throw new Error(`not within 5 s; seen: ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const states = () => seen.filter((s) => s.topic === 'ioc/v1/main/kk-01/state').map((s) => s.payload);

  it('signs in as its device, sends, drops out without a word, comes back and says goodbye', async () => {
    const modem = createModem({
      host: '127.0.0.1',
      port,
      deviceId: 'kk-01',
      credential,
      logger: testLogger(),
    });
    expect(modem.send({ values: { pm25: 1 } })).toBe(false);
    await until(() => states().length === 1);
    expect(modem.send({ values: { pm25: 2 } })).toBe(true);
    await modem.deliver({ values: { pm25: 3 } });
    modem.dropOut();
    await until(() => states().length === 2);
    expect(modem.send({ values: { pm25: 4 } })).toBe(false);
    modem.restore();
    await until(() => states().length === 3);
    await modem.deliver({ values: { pm25: 5 } });
    await modem.close();
    expect(states()).toEqual(['online', 'offline', 'online', 'offline']);
    const values = seen
      .filter((s) => s.topic === credential.topic)
      .map((s) => JSON.parse(s.payload).values.pm25);
    expect(values).toEqual([2, 3, 5]);
  });

  it('is refused with a wrong password, and delivers nothing', async () => {
    const warnings: string[] = [];
    const logger = { ...testLogger(), warn: (fields: object) => warnings.push(JSON.stringify(fields)) };
    const modem = createModem({
      host: '127.0.0.1',
      port,
      deviceId: 'kk-01',
      credential: { ...credential, password: 'wrong' },
      logger,
    });
    await until(() => warnings.length > 0);
    await expect(modem.deliver({ values: { pm25: 9 } })).rejects.toThrow('no connection');
    expect(warnings.join()).not.toContain('wrong');
    await modem.close();
  });
});
