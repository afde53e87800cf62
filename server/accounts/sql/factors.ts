import sql from 'sql-template-tag';
import type { Queryable } from '../../../core/ports.ts';

export interface TotpRow {
  factor_id: string;
  created_at: Date;
  last_step: number;
  last_used_at: Date | null;
}

export interface PasskeyRow {
  credential_id: string;
  user_id: string;
  name: string;
  public_key: Buffer;
  sign_count: number;
  transports: string[];
  backed_up: boolean;
  created_at: Date;
  last_used_at: Date | null;
}

export async function totpOf(db: Queryable, userId: string): Promise<TotpRow | undefined> {
  const [row] = await db.query<TotpRow>(sql`
    select factor_id, created_at, last_step, last_used_at from totp_factors where user_id = ${userId}`);
  return row;
}

/** Replaces what the account had. */
export async function putTotp(
  db: Queryable,
  userId: string,
  factorId: string,
  lastStep: number,
  at: Date,
): Promise<void> {
  await db.query(sql`
    insert into totp_factors (user_id, factor_id, created_at, last_step)
    values (${userId}, ${factorId}, ${at}, ${lastStep})
    on conflict (user_id) do update
      set factor_id = excluded.factor_id, created_at = excluded.created_at, last_step = excluded.last_step,
          last_used_at = null`);
}

/** True for exactly one of those who send the same code. */
export async function takeTotpStep(db: Queryable, userId: string, step: number, at: Date): Promise<boolean> {
  const rows = await db.query(sql`
    update totp_factors set last_step = ${step}, last_used_at = ${at}
    where user_id = ${userId} and last_step < ${step} returning user_id`);
  return rows.length === 1;
}

/** The id of the factor that was there, under which its secret lies. */
export async function deleteTotp(db: Queryable, userId: string): Promise<string | undefined> {
  const [row] = await db.query<{ factor_id: string }>(
    sql`delete from totp_factors where user_id = ${userId} returning factor_id`,
  );
  return row?.factor_id;
}

export async function passkeysOf(db: Queryable, userId: string): Promise<PasskeyRow[]> {
  return db.query<PasskeyRow>(sql`
    select credential_id, user_id, name, public_key, sign_count, transports, backed_up, created_at, last_used_at
    from passkeys where user_id = ${userId} order by created_at, credential_id`);
}

export async function passkeyById(db: Queryable, credentialId: string): Promise<PasskeyRow | undefined> {
  const [row] = await db.query<PasskeyRow>(sql`
    select credential_id, user_id, name, public_key, sign_count, transports, backed_up, created_at, last_used_at
    from passkeys where credential_id = ${credentialId}`);
  return row;
}

/** False when the credential is registered already. */
export async function insertPasskey(
  db: Queryable,
  row: Omit<PasskeyRow, 'created_at' | 'last_used_at'> & { aaguid: string },
  at: Date,
): Promise<boolean> {
  const rows = await db.query(sql`
    insert into passkeys (credential_id, user_id, name, public_key, sign_count, transports, aaguid, backed_up, created_at)
    values (${row.credential_id}, ${row.user_id}, ${row.name}, ${row.public_key}, ${row.sign_count},
            ${row.transports}, ${row.aaguid}, ${row.backed_up}, ${at})
    on conflict (credential_id) do nothing returning credential_id`);
  return rows.length === 1;
}

/** Keeps the counter; false when another use with the same or a later count came first (a copied key). */
export async function countPasskey(
  db: Queryable,
  use: { credentialId: string; before: number; signCount: number; backedUp: boolean; at: Date },
): Promise<boolean> {
  const rows = await db.query(sql`
    update passkeys set sign_count = ${use.signCount}, backed_up = ${use.backedUp}, last_used_at = ${use.at}
    where credential_id = ${use.credentialId} and sign_count = ${use.before} returning credential_id`);
  return rows.length === 1;
}

export async function deletePasskey(db: Queryable, userId: string, credentialId: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from passkeys where user_id = ${userId} and credential_id = ${credentialId} returning credential_id`);
  return rows.length === 1;
}

export async function deletePasskeys(db: Queryable, userId: string): Promise<void> {
  await db.query(sql`delete from passkeys where user_id = ${userId}`);
}

export async function putRecoveryCodes(
  db: Queryable,
  userId: string,
  hashes: readonly Buffer[],
  at: Date,
): Promise<void> {
  await db.query(sql`delete from recovery_codes where user_id = ${userId}`);
  await db.query(sql`
    insert into recovery_codes (code_sha256, user_id, created_at)
    select code, ${userId}, ${at}::timestamptz from unnest(${[...hashes]}::bytea[]) code`);
}

export async function deleteRecoveryCodes(db: Queryable, userId: string): Promise<void> {
  await db.query(sql`delete from recovery_codes where user_id = ${userId}`);
}

export async function takeRecoveryCode(
  db: Queryable,
  userId: string,
  hash: Buffer,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(sql`
    update recovery_codes set used_at = ${at}
    where code_sha256 = ${hash} and user_id = ${userId} and used_at is null returning user_id`);
  return rows.length === 1;
}

export async function recoveryCodesLeft(db: Queryable, userId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*) as count from recovery_codes where user_id = ${userId} and used_at is null`,
  );
  return row?.count ?? 0;
}
