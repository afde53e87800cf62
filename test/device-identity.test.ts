import { readFileSync } from 'node:fs';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceCreate } from '../core/api/devices.ts';
import { unlimited } from '../core/permissions.ts';
import type { OpenDatabase } from '../server/db/index.ts';
import { createDeviceCertificates, type DeviceCertificates } from '../server/registry/certificates.ts';
import { ANY_DATABASE } from './support/adapters.ts';
import { certificateWorkshop, type Pair } from './support/certificates.ts';
import { startTestIngest } from './support/ingest.ts';
import { createTestRegistry, type TestRegistry } from './support/registry.ts';
import { IN_WEST } from './support/sample-areas.ts';
import { until } from './support/wait.ts';

const OPERATOR = unlimited('test');
const BAD_LOGIN = /Not authorized|Bad username or password/i;

describe('who a device is', () => {
  const workshop = certificateWorkshop();
  const authority = workshop.authority('centre');
  const stranger = workshop.authority('centre-of-somebody-else');
  const server = workshop.sign(authority, '/CN=localhost', { altNames: 'IP:127.0.0.1' });
  let database: OpenDatabase;
  let registry: TestRegistry;
  let certificates: DeviceCertificates;
  let front: Awaited<ReturnType<typeof startTestIngest>>;

  beforeAll(async () => {
    database = await ANY_DATABASE.open();
    registry = await createTestRegistry(database);
    const { devices, deps } = registry;
    certificates = createDeviceCertificates({ ...deps, mine: devices.mine, announce: devices.announce });
    front = await startTestIngest({
      database: database as never,
      devices: registry.directory,
      bus: deps.bus,
      mqtt: {
        mtlsPort: 0,
        tlsCertFile: server.cert,
        tlsKeyFile: server.key,
        clientCaFile: authority.cert,
      },
    });
  });
  afterAll(async () => {
    await front?.stop();
    registry?.close();
    await database?.close();
    workshop.remove();
  });

  let serial = 0;
  const newDevice = async () => {
    const made = await registry.devices.create(
      DeviceCreate.parse({ id: `may-${serial++}`, name: 'Trạm thử', type: 'salinity', position: IN_WEST }),
      OPERATOR,
    );
    return { id: made.id, ...made.credential };
  };
  const withPassword = (username: string, password: string) =>
    mqtt.connectAsync({
      host: '127.0.0.1',
      port: front.mqttPort ?? 0,
      protocolVersion: 4,
      reconnectPeriod: 0,
      username,
      password,
    });
  const withCertificate = (pair: Pair | undefined, more: Record<string, unknown> = {}) =>
    mqtt.connectAsync({
      protocol: 'mqtts',
      host: '127.0.0.1',
      port: front.mtlsPort ?? 0,
      protocolVersion: 4,
      reconnectPeriod: 0,
      ca: readFileSync(authority.cert),
      ...(pair ? { cert: readFileSync(pair.cert), key: readFileSync(pair.key) } : {}),
      ...more,
    });
  const outcome = (connecting: Promise<mqtt.MqttClient>) =>
    connecting.then(
      async (client) => {
        await client.endAsync(true);
        return 'in';
      },
      (error: Error) => error.message,
    );
  const known = async (pair: Pair) => {
    const device = await newDevice();
    const pem = readFileSync(pair.cert, 'utf8');
    const made = await certificates.add(device.id, { pem }, OPERATOR);
    return { device, certificateId: made.id, fingerprint: made.value };
  };

  it('renews a password with an overlap: both work, then only the new one', async () => {
    const old = await newDevice();
    const fresh = await registry.devices.renewCredential(old.id, OPERATOR, 24);
    expect(await outcome(withPassword(old.username, old.password))).toBe('in');
    expect(await outcome(withPassword(old.username, fresh.password))).toBe('in');
    registry.clock.advance(24 * 3600_000);
    expect(await outcome(withPassword(old.username, old.password))).toMatch(BAD_LOGIN);
    expect(await outcome(withPassword(old.username, fresh.password))).toBe('in');
    // Without an overlap the old one ends at once, and so does the connection that used it.
    const held = await withPassword(old.username, fresh.password);
    const closed = new Promise<void>((resolve) => held.once('close', () => resolve()));
    await registry.devices.renewCredential(old.id, OPERATOR);
    await closed;
    expect(await outcome(withPassword(old.username, fresh.password))).toMatch(BAD_LOGIN);
    await held.endAsync(true);
  });

  it('knows a device by its certificate alone, and lets it publish as itself only', async () => {
    const pair = workshop.sign(authority, '/CN=whatever');
    const { device } = await known(pair);
    const client = await withCertificate(pair);
    await client.publishAsync(`ioc/v1/main/${device.id}/up`, JSON.stringify({ values: { salinity: 4.2 } }), {
      qos: 1,
    });
    const other = await newDevice();
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish(`ioc/v1/main/${other.id}/up`, JSON.stringify({ values: { salinity: 9 } }), { qos: 1 });
    await closed;
    await client.endAsync(true);
  });

  it('knows a device by the subject that our authority gave it, written out in full', async () => {
    const device = await newDevice();
    await certificates.add(device.id, { subject: 'CN=tram-01, O=So KHCN' }, OPERATOR);
    expect(await outcome(withCertificate(workshop.sign(authority, '/CN=tram-01/O=So KHCN')))).toBe('in');
    // Renewed by the authority: another certificate, the same device.
    expect(await outcome(withCertificate(workshop.sign(authority, '/CN=tram-01/O=So KHCN')))).toBe('in');
    for (const subject of ['/CN=tram-01', '/CN=tram-01/O=Khac', '/CN=*/O=So KHCN', '/CN=tram-0*/O=So KHCN'])
      expect(await outcome(withCertificate(workshop.sign(authority, subject)))).toMatch(BAD_LOGIN);
  });

  it('refuses an expired certificate, one of another authority, none at all, and an old TLS', async () => {
    const good = workshop.sign(authority, '/CN=good');
    await known(good);
    const expired = workshop.sign(authority, '/CN=expired', { days: -1 });
    await known(expired);
    const foreign = workshop.sign(stranger, '/CN=foreign');
    await known(foreign);
    expect(await outcome(withCertificate(good))).toBe('in');
    for (const pair of [expired, foreign, undefined]) expect(await handshake({ pair })).toBe('refused');
    const old = { minVersion: 'TLSv1' as SecureVersion, maxVersion: 'TLSv1.1' as SecureVersion };
    expect(await handshake({ pair: good, ...old })).toBe('refused');
    expect(await handshake({ pair: good, maxVersion: 'TLSv1.2', ciphers: 'eNULL:@SECLEVEL=0' })).toBe(
      'refused',
    );
    expect(await handshake({ pair: good, maxVersion: 'TLSv1.2' })).toBe('taken');
  });

  it('refuses the password of one device over the certificate of another, and the name of another', async () => {
    const pair = workshop.sign(authority, '/CN=pair');
    const { device } = await known(pair);
    const other = await newDevice();
    const { username, password } = other;
    expect(await outcome(withCertificate(pair, { username, password }))).toMatch(BAD_LOGIN);
    expect(await outcome(withCertificate(pair, { username }))).toMatch(BAD_LOGIN);
    expect(await outcome(withCertificate(pair, { username: device.id, password: 'wrong' }))).toMatch(
      BAD_LOGIN,
    );
    const own = { username: device.username, password: device.password };
    expect(await outcome(withCertificate(pair, own))).toBe('in');
  });

  it('ends the connection of a certificate that is taken back, and never lets it in again', async () => {
    const pair = workshop.sign(authority, '/CN=lost/O=Kho');
    const { device, certificateId, fingerprint } = await known(pair);
    await certificates.add(device.id, { subject: 'CN=lost, O=Kho' }, OPERATOR);
    const client = await withCertificate(pair);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await certificates.revoke(device.id, certificateId, OPERATOR);
    await closed;
    await client.endAsync(true);
    // Also not under the subject, which other certificates of the device still have.
    expect(await outcome(withCertificate(pair))).toMatch(BAD_LOGIN);
    expect(await outcome(withCertificate(workshop.sign(authority, '/CN=lost/O=Kho')))).toBe('in');
    expect(registry.directory.byCertificate?.({ fingerprint, subject: 'CN=lost, O=Kho' })).toBeUndefined();
  });

  it('refuses at once a certificate of a known subject that is put on the list of the denied', async () => {
    const device = await newDevice();
    await certificates.add(device.id, { subject: 'CN=field, O=Doi 3' }, OPERATOR);
    const pair = workshop.sign(authority, '/CN=field/O=Doi 3');
    const client = await withCertificate(pair);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const { X509Certificate } = await import('node:crypto');
    const { fingerprint256 } = new X509Certificate(readFileSync(pair.cert));
    const deny = fingerprint256.replaceAll(':', '').toLowerCase();
    await certificates.add(device.id, { deny }, OPERATOR);
    await closed;
    await client.endAsync(true);
    expect(await outcome(withCertificate(pair))).toMatch(BAD_LOGIN);
  });

  it('shows a device whose certificate is used from two places', async () => {
    const pair = workshop.sign(authority, '/CN=twice');
    await known(pair);
    const first = await withCertificate(pair, { clientId: 'one' });
    const closed = new Promise<void>((resolve) => first.once('close', () => resolve()));
    const second = await withCertificate(pair, { clientId: 'two' });
    await closed;
    expect(second.connected).toBe(true);
    await until('the takeover is counted', () => front.stats().mqtt.takeoverTotal > 0);
    await Promise.all([first.endAsync(true), second.endAsync(true)]);
  });

  /** Whether the front takes a TLS client at all. TLS 1.3 refuses a client certificate after the handshake. */
  function handshake({
    pair,
    ...more
  }: {
    pair: Pair | undefined;
    minVersion?: SecureVersion;
    maxVersion?: SecureVersion;
    ciphers?: string;
  }): Promise<'taken' | 'refused'> {
    return new Promise((resolve) => {
      let socket: TLSSocket;
      try {
        socket = connectTls({
          host: '127.0.0.1',
          port: front.mtlsPort ?? 0,
          ca: readFileSync(authority.cert),
          ...(pair ? { cert: readFileSync(pair.cert), key: readFileSync(pair.key) } : {}),
          ...more,
        });
      } catch {
        // This machine's own TLS refuses to speak so.
        resolve('refused');
        return;
      }
      // CONNECT of a stranger: whoever is inside gets an answer to it, CONNACK.
      socket.on('secureConnect', () => socket.write(Buffer.from('100c00044d5154540402003c0000', 'hex')));
      socket.on('data', () => {
        resolve('taken');
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve('refused'));
    });
  }
});
