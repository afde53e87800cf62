import { randomBytes, X509Certificate } from 'node:crypto';
import type { z } from 'zod';
import type { CertificateAdd, DeviceCertificate } from '../../core/api/devices.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditTrail, Database } from '../../core/ports.ts';
import { scopeOfRow } from './devices.ts';
import type { DeviceRow } from './sql/devices.ts';
import {
  type CertificateRow,
  certificatesOf,
  insertCertificate,
  revokeCertificate,
  revokeFingerprint,
} from './sql/proofs.ts';

type Certificate = z.output<typeof DeviceCertificate>;

export interface DeviceCertificates {
  list(deviceId: string, caller: Caller): Promise<Certificate[]>;
  add(deviceId: string, input: z.output<typeof CertificateAdd>, caller: Caller): Promise<Certificate>;
  revoke(deviceId: string, id: string, caller: Caller): Promise<void>;
}

/** Client certificates by which devices are known on the mutual-TLS front. */
export function createDeviceCertificates(options: {
  database: Database;
  clock: Clock;
  audit: Pick<AuditTrail, 'record'>;
  /** The device, if the caller may write it; throws `request.not_found`. */
  mine(id: string, caller: Caller): Promise<DeviceRow>;
  /** After a change: the directory and the front's connections follow at once. */
  announce(deviceId: string): Promise<void>;
}): DeviceCertificates {
  const { database, clock, audit, mine, announce } = options;
  const now = () => new Date(clock.now());
  const record = (caller: Caller, device: DeviceRow, after: object) => ({
    by: caller,
    action: 'device.certificate' as const,
    object: { type: 'device' as const, id: device.id, name: device.name },
    place: scopeOfRow(device),
    after,
  });

  return {
    async list(deviceId, caller) {
      await mine(deviceId, caller);
      return (await certificatesOf(database, deviceId)).map(toDto);
    },

    async add(deviceId, input, caller) {
      const device = await mine(deviceId, caller);
      const deny = 'deny' in input;
      const kind = 'subject' in input ? 'subject' : 'fingerprint';
      const value = writtenValue(input);
      const at = now();
      const row = await database.transaction(async (tx) => {
        if (deny) await revokeFingerprint(tx, value, caller.username, at);
        const made = await insertCertificate(
          tx,
          {
            id: randomBytes(8).toString('hex'),
            device_id: deviceId,
            kind,
            value,
            created_by: caller.username,
            revoked_at: deny ? at : null,
          },
          at,
        );
        if (!made)
          throw new AppError('request.conflict', { detail: 'this certificate stands for a device already' });
        await audit.record(tx, record(caller, device, { kind, value, denied: deny }));
        return made;
      });
      await announce(deviceId);
      return toDto(row);
    },

    async revoke(deviceId, id, caller) {
      const device = await mine(deviceId, caller);
      await database.transaction(async (tx) => {
        if (!(await revokeCertificate(tx, deviceId, id, caller.username, now())))
          throw new AppError('request.not_found');
        await audit.record(tx, record(caller, device, { id, revoked: true }));
      });
      await announce(deviceId);
    },
  };
}

function writtenValue(input: z.output<typeof CertificateAdd>): string {
  if ('subject' in input) return input.subject;
  if ('fingerprint' in input) return input.fingerprint;
  if ('deny' in input) return input.deny;
  try {
    return new X509Certificate(input.pem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (error) {
    throw new AppError('request.invalid', { detail: 'body.pem: no certificate', cause: error });
  }
}

const toDto = (row: CertificateRow): Certificate => ({
  id: row.id,
  kind: row.kind,
  value: row.value,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
