import { z } from 'zod';

const count = (fallback: number, min: number, max: number, meaning: string) =>
  z.coerce.number().int().min(min).max(max).default(fallback).describe(meaning);
const file = (meaning: string) => z.string().min(1).optional().describe(meaning);

/** The device front. */
export const MqttSettings = z.strictObject({
  port: count(1883, 0, 65_535, 'device front; 0 = any free port'),
  host: z.string().default('127.0.0.1').describe('address to listen on'),
  tlsPort: count(8883, 0, 65_535, 'device front over TLS, when a certificate is given'),
  tlsCertFile: file('PEM certificate chain'),
  tlsKeyFile: file('PEM private key'),
  mtlsPort: count(8884, 0, 65_535, 'device front for client certificates, when an authority is given'),
  clientCaFile: file('PEM authority that signs the certificates of devices; unset = no such front'),
  maxPacketBytes: count(262_144, 1024, 16_777_216, 'larger packets are refused at the header'),
  maxConnections: count(20_000, 1, 1_000_000, 'connections at once; more are closed at once'),
  connectTimeoutS: count(15, 1, 300, 'seconds a connection may take to sign in'),
  drainTimeoutS: count(30, 1, 600, 'seconds a device may leave its answers unread'),
});
export type MqttSettings = z.output<typeof MqttSettings>;

/** What happens to a message between the device front and the database. */
export const IngestSettings = z.strictObject({
  maxFutureS: count(300, 0, 86_400, 'seconds a reading may be ahead of the centre’s clock'),
  maxQuantitiesPerDevice: count(64, 1, 10_000, 'different quantities one device may have'),
  maxReadingsPerDeviceS: count(
    20_000,
    1,
    10_000_000,
    'values and fixes one device may send per second, a minute’s worth at once; beyond it is taken more slowly',
  ),
  maxBatchRows: count(5000, 1, 100_000, 'rows in one transaction'),
  maxBatchBytes: count(4_194_304, 65_536, 67_108_864, 'bytes of messages in one transaction'),
  maxInFlightBytes: count(
    67_108_864,
    1_048_576,
    2_147_483_647,
    'bytes of messages waiting for their commit; above it devices are not read from',
  ),
  stopTimeoutS: count(8, 1, 120, 'seconds a stop may take to store what was already read'),
});
export type IngestSettings = z.output<typeof IngestSettings>;
