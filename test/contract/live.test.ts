import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { postgresBin } from '../support/postgres.ts';
import { SAMPLE_AREAS } from '../support/sample-areas.ts';

interface Frame {
  type: string;
  topic?: string;
  event?: string;
  seq: number;
  // biome-ignore lint/suspicious/noExplicitAny: data of every shape
  data?: any;
}

describe.skipIf(!postgresBin())('from a published reading to the frame of the right viewer', () => {
  let app: TestApp;
  const devices = new Map<string, MqttClient>();
  const sockets: WebSocket[] = [];
  beforeAll(async () => {
    app = await startTestApp({ roles: ['api', 'ingest'] });
    const post = async (path: string, body?: unknown) => {
      const answer = await app.call('POST', path, { token: app.token, body });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    await post('/areas', SAMPLE_AREAS);
    for (const [id, lon] of [
      ['west', 110.5],
      ['east', 111.5],
    ] as const) {
      const device = await post('/devices', {
        id,
        name: id,
        type: 'salinity',
        domain: 'environment',
        position: [lon, 10.5],
      });
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${app.app.control.mqttPort}`, {
        username: device.credential.username,
        password: device.credential.password,
        clientId: id,
        reconnectPeriod: 0,
      });
      devices.set(id, client);
    }
    await post('/rules', {
      id: 'salt',
      kind: 'threshold',
      name: 'Mặn',
      domain: 'environment',
      severity: 'major',
      params: { quantity: 'salinity', above: 4, clearBelow: 3 },
    });
    await post('/rules/salt/activate');
    for (const [username, areaIds] of [
      ['west', ['99001']],
      ['whole', null],
    ] as const)
      await post('/users', {
        username: `${username}-viewer`,
        displayName: username,
        password: PERSON_PASSWORD,
        grants: [{ role: 'viewer', areaIds }],
      });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    for (const client of devices.values()) await client.endAsync(true);
    await app?.close();
  });

  /** Resolves when the reading is committed: that is what the acknowledgement means. */
  const publish = async (device: string, salinity: number) => {
    await devices
      .get(device)
      ?.publishAsync(`ioc/v1/main/${device}/up`, JSON.stringify({ values: { salinity } }), { qos: 1 });
  };
  const watch = async (username: string, resumeFrom?: number) => {
    const { body } = await app.call('POST', '/auth/login', {
      body: { username: `${username}-viewer`, password: PERSON_PASSWORD },
    });
    const { ticket } = (await app.call('POST', '/live/ticket', { token: body.accessToken })).body;
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/v1/live?ticket=${ticket}`);
    sockets.push(socket);
    const frames: Frame[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    await expect.poll(() => frames[0]?.type).toBe('hello');
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        topics: ['alerts', 'latest'],
        ...(resumeFrom === undefined ? {} : { resumeFrom }),
      }),
    );
    const alerts = () => frames.filter((frame) => frame.event === 'alert.changed');
    return {
      socket,
      frames,
      alerts,
      values: () =>
        frames.flatMap((frame) => (frame.event === 'latest.changed' ? frame.data : [])) as {
          deviceId: string;
          value: number;
        }[],
      told: () => alerts().map((frame) => `${frame.data.alert.subject.id} ${frame.data.event.kind}`),
    };
  };
  const lastSeq = (watcher: { alerts(): Frame[] }) => watcher.alerts().at(-1)?.seq ?? 0;

  it('carries values and alerts within two seconds, and only those of the own commune', async () => {
    const [west, whole] = [await watch('west'), await watch('whole')];
    const started = performance.now();
    await publish('east', 9);
    await publish('west', 8);
    await expect
      .poll(() => [west.told(), whole.told()], { timeout: 5000 })
      .toEqual([['west raised'], ['east raised', 'west raised']]);
    expect(performance.now() - started).toBeLessThan(2000);
    await expect
      .poll(() =>
        whole
          .values()
          .map((row) => row.deviceId)
          .sort(),
      )
      .toEqual(['east', 'west']);
    expect(west.values().map((row) => [row.deviceId, row.value])).toEqual([['west', 8]]);
    expect(JSON.stringify(west.frames)).not.toContain('east');
  });

  it('goes on after a break exactly where it stopped, whatever happened meanwhile', async () => {
    const before = await watch('whole');
    await publish('west', 1);
    await expect.poll(() => before.told(), { timeout: 5000 }).toEqual(['west cleared']);
    before.socket.terminate();
    const seen = lastSeq(before);
    for (const salinity of [7, 1, 7, 1]) await publish('west', salinity);
    await publish('east', 1);
    const after = await watch('whole', seen);
    await publish('east', 9);
    const expected = ['raised', 'cleared', 'raised', 'cleared'].map((kind) => `west ${kind}`);
    await expect
      .poll(() => after.told(), { timeout: 5000 })
      .toEqual([...expected, 'east cleared', 'east raised']);
    const seqs = after.alerts().map((frame) => frame.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(Math.min(...seqs)).toBeGreaterThan(seen);
    const west = await watch('west', seen);
    await expect.poll(() => west.told(), { timeout: 5000 }).toEqual(expected);
  });

  it('says so when the client knows of more than there is', async () => {
    const watcher = await watch('whole', 1_000_000);
    await expect.poll(() => watcher.frames.find((frame) => frame.type === 'reset')?.seq).toBeGreaterThan(0);
    expect(watcher.told()).toEqual([]);
  });
});
