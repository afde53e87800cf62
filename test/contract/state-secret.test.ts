import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

/** Stands in everything that must be kept by nobody. */
const TOKEN = 'Kontum7319Trapdoor';

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

const holding = (folder: string, text: string) =>
  filesBelow(folder).filter((file) => readFileSync(file).includes(text));

describe.skipIf(!postgresBin())('what is marked as a state secret', () => {
  let cluster: PostgresCluster;
  let app: TestApp;
  let credential: { username: string; password: string };
  const refusals: string[] = [];

  beforeAll(async () => {
    cluster = startCluster();
    const database = await createTestDatabase(cluster);
    app = await startTestApp({
      roles: ['api', 'ingest'],
      on: { url: cluster.url(database.name), database, remove: () => undefined },
    });
    const made = await app.call('POST', '/devices', {
      token: app.token,
      body: { id: 'tram', name: 'Trạm', type: 'salinity', domain: 'environment', position: [110.5, 10.5] },
    });
    credential = made.body.credential;
  });
  afterAll(async () => {
    await app?.close();
    cluster?.remove();
  });

  const refused = async (
    what: string,
    method: string,
    path: string,
    options: Parameters<TestApp['call']>[2],
  ) => {
    const { status, body } = await app.call(method, path, options);
    expect([what, status, body.code]).toEqual([what, 422, 'payload.state_secret']);
    expect(JSON.stringify(body)).not.toContain(TOKEN);
    refusals.push(what);
  };

  it('is refused in every body, whatever field says so', async () => {
    const { token } = app;
    const device = { name: TOKEN, type: 'salinity', position: [110.5, 10.5] };
    await refused('class', 'POST', '/devices', { token, body: { ...device, class: 'state_secret' } });
    await refused('field', 'POST', '/devices', {
      token,
      body: { ...device, properties: { 'độ mật': 'Tối mật' } },
    });
    await refused('stamp', 'POST', '/devices', { token, body: { ...device, name: `[MẬT] ${TOKEN}` } });
    await refused('map', 'POST', '/areas', {
      token,
      body: {
        type: 'FeatureCollection',
        features: [
          { type: 'Feature', properties: { name: TOKEN, classification: 'TUYỆT MẬT' }, geometry: null },
        ],
      },
    });
    await refused('table', 'POST', '/devices/import', {
      token,
      headers: { 'content-type': 'text/csv' },
      body: `id,name,type,lon,lat,độ mật\nx,${TOKEN},salinity,110.5,10.5,Mật\n`,
    });
    await refused('broken', 'POST', '/devices/import', {
      token,
      headers: { 'content-type': 'text/csv' },
      body: `TUYỆT MẬT\n${TOKEN}`,
    });
    await refused('header', 'POST', '/devices/import', {
      token,
      headers: { 'content-type': 'text/csv', 'x-data-class': 'state-secret' },
      body: TOKEN,
    });
  });

  it('is refused from devices by HTTP and by MQTT, and what is not marked goes on', async () => {
    const basic = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
    const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/json' };
    const marked = JSON.stringify({ values: { salinity: 3 }, note: TOKEN, classification: 'Mật' });
    await refused('device', 'POST', '/ingest/tram', { headers, body: marked });
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${app.app.control.mqttPort}`, {
      ...credential,
      clientId: 'tram',
      reconnectPeriod: 0,
    });
    try {
      // Also what would else stand in quarantine with its bytes: broken JSON, and what fits no schema.
      for (const payload of [marked, `${marked}}`, JSON.stringify([TOKEN, { class: 'state_secret' }])])
        await client.publishAsync('ioc/v1/main/tram/up', payload, { qos: 1 });
      await client.publishAsync('ioc/v1/main/tram/up', JSON.stringify({ values: { salinity: 3.25 } }), {
        qos: 1,
      });
    } finally {
      await client.endAsync();
    }
    const { body } = await app.call('GET', '/devices/tram/observations', { token: app.token });
    expect(body.items.map((row: { value: number }) => row.value)).toEqual([3.25]);
    const { body: held } = await app.call('GET', '/quarantine', { token: app.token });
    expect(held.items ?? held).toEqual([]);
  });

  it('leaves the fact in the audit trail, and no byte anywhere else', async () => {
    const facts = await until('the refusals in the trail', async () => {
      const rows = await app.database.query<{ action: string; object_id: string | null; after: object }>({
        text: `select action, object_id, after from audit_log where action = 'message.secret' order by seq`,
        values: [],
      });
      return (
        rows.some((row) => row.object_id === 'tram' && JSON.stringify(row.after).includes('mqtt')) && rows
      );
    });
    expect(facts.map((row) => JSON.stringify(row.after)).join()).toContain('POST /devices');
    // What has teeth: something that is kept is found by the same search.
    await app.call('POST', '/devices', {
      token: app.token,
      body: { id: 'kept', name: 'ZZKeptForComparison', type: 'salinity', position: [110.5, 10.5] },
    });
    await app.database.query({ text: 'checkpoint', values: [] });
    expect(holding(cluster.dataDir, 'ZZKeptForComparison').length).toBeGreaterThan(0);
    expect(holding(cluster.dataDir, TOKEN)).toEqual([]);
    expect(holding(app.dataDir, TOKEN)).toEqual([]);
    expect(app.logLines.filter((line) => line.includes(TOKEN))).toEqual([]);
    expect(refusals).toHaveLength(8);
  });
});
