import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

export interface CertificateRow {
  id: string;
  device_id: string;
  kind: 'fingerprint' | 'subject';
  value: string;
  created_at: Date;
  created_by: string;
  revoked_at: Date | null;
}

const COLUMNS = sql`id, device_id, kind, value, created_at, created_by, revoked_at`;

/** Every certificate of every device, those taken back too. */
export async function deviceCertificates(db: Queryable): Promise<CertificateRow[]> {
  return db.query<CertificateRow>(sql`select ${COLUMNS} from device_certificates`);
}

export async function certificatesOf(db: Queryable, deviceId: string): Promise<CertificateRow[]> {
  return db.query<CertificateRow>(sql`
    select ${COLUMNS} from device_certificates where device_id = ${deviceId} order by created_at desc, id limit 200`);
}

/** Undefined when that certificate stands for a device already. */
export async function insertCertificate(
  db: Queryable,
  row: Omit<CertificateRow, 'created_at'>,
  at: Date,
): Promise<CertificateRow | undefined> {
  const [made] = await db.query<CertificateRow>(sql`
    insert into device_certificates (id, device_id, kind, value, created_at, created_by, revoked_at)
    values (${row.id}, ${row.device_id}, ${row.kind}, ${row.value}, ${at}, ${row.created_by}, ${row.revoked_at})
    on conflict do nothing returning ${COLUMNS}`);
  return made;
}

/** Takes back what stands under this value, whosever it is; for a certificate that is to be refused everywhere. */
export async function revokeFingerprint(
  db: Queryable,
  value: string,
  by: string,
  at: Date,
): Promise<string[]> {
  const rows = await db.query<{ device_id: string }>(sql`
    update device_certificates set revoked_at = ${at}, revoked_by = ${by}
    where kind = 'fingerprint' and value = ${value} and revoked_at is null returning device_id`);
  return rows.map((row) => row.device_id);
}

export async function revokeCertificate(
  db: Queryable,
  deviceId: string,
  id: string,
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(sql`
    update device_certificates set revoked_at = ${at}, revoked_by = ${by}
    where device_id = ${deviceId} and id = ${id} and revoked_at is null returning id`);
  return rows.length === 1;
}
