import sql from 'sql-template-tag';
import type { Permission } from '../../../core/permissions.ts';
import type { Queryable } from '../../../core/ports.ts';

export interface ListedKey {
  id: string;
  name: string;
  permissions: Permission[] | null;
  grant_ids: number[] | null;
  networks: string[] | null;
  created_at: Date;
  created_by: string;
  expires_at: Date;
  last_used_at: Date | null;
  last_used_ip: string | null;
  revoked_at: Date | null;
}

/** A key that works, with the account it stands for. */
export interface KeyRow {
  id: string;
  user_id: string;
  username: string;
  display_name: string;
  agency_id: string | null;
  secret_sha256: Buffer;
  permissions: Permission[] | null;
  grant_ids: number[] | null;
  networks: string[] | null;
  created_at: Date;
  expires_at: Date;
}

const LISTED = sql`id, name, permissions, grant_ids, networks, created_at, created_by, expires_at, last_used_at,
  last_used_ip, revoked_at`;

/** Keys that work at `at`, of accounts that are not locked. */
export async function openKeys(db: Queryable, ids: readonly string[], at: Date): Promise<KeyRow[]> {
  return db.query<KeyRow>(sql`
    select k.id, k.user_id, u.username, u.display_name, u.agency_id, k.secret_sha256, k.permissions, k.grant_ids,
           k.networks, k.created_at, k.expires_at
    from api_keys k join users u on u.id = k.user_id
    where k.id = any(${[...ids]}::text[]) and k.revoked_at is null and k.expires_at > ${at}
      and u.status = 'active' and u.kind = 'service'`);
}

export async function keysOf(db: Queryable, userId: string): Promise<ListedKey[]> {
  return db.query<ListedKey>(sql`
    select ${LISTED} from api_keys where user_id = ${userId} order by created_at desc, id limit 200`);
}

export async function insertKey(
  db: Queryable,
  key: {
    id: string;
    userId: string;
    name: string;
    secretSha256: Buffer;
    permissions: readonly string[] | null;
    grantIds: readonly number[] | null;
    networks: readonly string[] | null;
    createdBy: string;
    expiresAt: Date;
  },
  at: Date,
): Promise<ListedKey | undefined> {
  const [row] = await db.query<ListedKey>(sql`
    insert into api_keys (id, user_id, name, secret_sha256, permissions, grant_ids, networks, created_at, created_by,
                          expires_at)
    values (${key.id}, ${key.userId}, ${key.name}, ${key.secretSha256}, ${key.permissions}, ${key.grantIds},
            ${key.networks}, ${at}, ${key.createdBy}, ${key.expiresAt})
    returning ${LISTED}`);
  return row;
}

/** False when the account has no such key that still works. */
export async function revokeKey(
  db: Queryable,
  userId: string,
  keyId: string,
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(sql`
    update api_keys set revoked_at = ${at}, revoked_by = ${by}
    where user_id = ${userId} and id = ${keyId} and revoked_at is null returning id`);
  return rows.length === 1;
}

export async function markKeyUsed(db: Queryable, keyId: string, ip: string, at: Date): Promise<void> {
  await db.query(sql`
    update api_keys set last_used_at = ${at}, last_used_ip = ${ip} where id = ${keyId}`);
  await db.query(sql`
    update users set last_used_at = ${at} where id = (select user_id from api_keys where id = ${keyId})`);
}
