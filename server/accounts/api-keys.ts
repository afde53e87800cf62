import { randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { ApiKey, ApiKeyCreate, ApiKeyCreated } from '../../core/api/sign-in.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditTrail, Bus, Database, Logger, RequestFacts } from '../../core/ports.ts';
import { sha256 } from '../http/index.ts';
import { type Callers, sessionOfKeyId } from './callers.ts';
import { isInDate } from './grants.ts';
import type { Users } from './service.ts';
import {
  insertKey,
  type KeyRow,
  keysOf,
  type ListedKey,
  markKeyUsed,
  openKeys,
  revokeKey,
} from './sql/api-keys.ts';

const DAY_MS = 86_400_000;
/** How often the last use is written down. */
const NOTE_USE_MS = 60_000;
/** A key read from the database is believed for so long; revoking it here is known at once. */
const BELIEVE_MS = 3000;
const MAX_HELD = 5000;
const MAX_KEYS = 50;
/** `hdk_<id>_<secret>`: the id is public; the prefix lets scanners of leaked secrets find it. */
const SHAPE = /^hdk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export const isApiKey = (token: string): boolean => token.startsWith('hdk_');

interface Known {
  row: KeyRow;
  readAtMs: number;
  networks: BlockList | undefined;
}

/** Keys of machines: shown once, kept hashed, limited to a part of what their account may do, ended at once. */
export interface ApiKeys {
  authenticate(token: string, facts?: RequestFacts): Promise<Caller>;
  list(userId: string, caller: Caller): Promise<ApiKey[]>;
  create(
    userId: string,
    input: z.output<typeof ApiKeyCreate>,
    caller: Caller,
  ): Promise<z.output<typeof ApiKeyCreated>>;
  revoke(userId: string, keyId: string, caller: Caller): Promise<void>;
}

export function createApiKeys(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  callers: Callers;
  audit: Pick<AuditTrail, 'record'>;
  users: () => Pick<Users, 'manageable'>;
}): ApiKeys {
  const { database, bus, clock, logger, callers, audit, users } = options;
  const known = new LRUCache<string, Known>({ max: MAX_HELD });
  const usedAtMs = new LRUCache<string, number>({ max: MAX_HELD });

  const read = async (id: string): Promise<Known | undefined> => {
    const entry = known.get(id);
    const nowMs = clock.now();
    if (entry && nowMs - entry.readAtMs < BELIEVE_MS && entry.row.expires_at.getTime() > nowMs) return entry;
    known.delete(id);
    const [row] = await openKeys(database, [id], new Date(nowMs));
    if (!row) return undefined;
    const networks = row.networks === null ? undefined : blockList(row.networks);
    const fresh = { row, readAtMs: nowMs, networks };
    known.set(id, fresh);
    return fresh;
  };

  const noteUse = (id: string, ip: string) => {
    const nowMs = clock.now();
    if (nowMs - (usedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < NOTE_USE_MS) return;
    usedAtMs.set(id, nowMs);
    markKeyUsed(database, id, ip, new Date(nowMs)).catch((error) =>
      logger.warn({ err: String(error) }, 'the use of an API key could not be written down'),
    );
  };

  return {
    async authenticate(token, facts) {
      const [, id, secret] = SHAPE.exec(token) ?? [];
      const entry = id === undefined ? undefined : await read(id);
      const hash = sha256(secret ?? '');
      if (!entry || id === undefined || !timingSafeEqual(hash, entry.row.secret_sha256))
        throw new AppError('auth.required');
      if (entry.networks && !contains(entry.networks, facts?.ip ?? '')) throw new AppError('auth.required');
      const caller = await callers.load(sessionOfKeyId(id));
      if (!caller) throw new AppError('auth.required');
      noteUse(id, facts?.ip ?? '');
      return caller;
    },

    async list(userId, caller) {
      await users().manageable(userId, caller, 'users.read');
      return (await keysOf(database, userId)).map(keyDto);
    },

    async create(userId, input, caller) {
      const { user, grants } = await users().manageable(userId, caller);
      if (user.kind !== 'service')
        throw new AppError('request.conflict', { detail: 'only accounts of services have API keys' });
      const nowMs = clock.now();
      const mine = new Set(grants.filter((grant) => isInDate(grant, nowMs)).map((grant) => grant.id));
      const foreign = input.grantIds?.find((id) => !mine.has(id));
      if (foreign !== undefined)
        throw new AppError('request.invalid', {
          detail: `body.grantIds: the account has no grant ${foreign}`,
        });
      const open = (await keysOf(database, userId)).filter(
        (key) => key.revoked_at === null && key.expires_at.getTime() > nowMs,
      );
      if (open.length >= MAX_KEYS)
        throw new AppError('request.conflict', { detail: `an account has at most ${MAX_KEYS} keys` });
      const id = randomBytes(8).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      const row = await database.transaction(async (tx) => {
        const made = await insertKey(
          tx,
          {
            id,
            userId,
            name: input.name,
            secretSha256: sha256(secret),
            permissions: input.permissions,
            grantIds: input.grantIds,
            networks: input.networks,
            createdBy: caller.username,
            expiresAt: new Date(nowMs + input.days * DAY_MS),
          },
          new Date(nowMs),
        );
        await audit.record(tx, {
          by: caller,
          action: 'key.create',
          object: { type: 'api_key', id, name: input.name },
          after: { account: user.username, ...input },
        });
        return made;
      });
      if (!row) throw new AppError('internal', { detail: 'no key was written' });
      return { ...keyDto(row), key: `hdk_${id}_${secret}` };
    },

    async revoke(userId, keyId, caller) {
      const { user } = await users().manageable(userId, caller);
      await database.transaction(async (tx) => {
        if (!(await revokeKey(tx, userId, keyId, caller.username, new Date(clock.now()))))
          throw new AppError('request.not_found');
        await audit.record(tx, {
          by: caller,
          action: 'key.revoke',
          object: { type: 'api_key', id: keyId, name: user.username },
        });
      });
      known.delete(keyId);
      bus.emit('user.revoked', { userId, sessionId: sessionOfKeyId(keyId) });
    },
  };
}

function keyDto(row: ListedKey): ApiKey {
  return {
    id: row.id,
    name: row.name,
    permissions: row.permissions,
    grantIds: row.grant_ids?.map(Number) ?? null,
    networks: row.networks,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedIp: row.last_used_ip,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}

/** An IPv4 address may arrive in its IPv6 form. */
const plain = (ip: string) => ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
const familyOf = (ip: string) => (isIPv6(ip) ? 'ipv6' : 'ipv4');

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [ip = '', bits] = network.split('/');
    if (bits === undefined) list.addAddress(ip, familyOf(ip));
    else list.addSubnet(ip, Number(bits), familyOf(ip));
  }
  return list;
}

function contains(list: BlockList, ip: string): boolean {
  const address = plain(ip);
  return address !== '' && list.check(address, familyOf(address));
}
