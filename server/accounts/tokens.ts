import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { SecretStore } from '../../core/ports.ts';

const ISSUER = 'haidang';
const AUDIENCE = 'haidang-api';
/** RFC 9068: an access token says that it is one, so that no other token can be used in its place. */
const TYPE = 'at+jwt';
const ALGORITHM = 'ES256';
export const ACCESS_TOKEN_S = 600;
const SECRET_NAME = 'auth/signing-keys';
const DAY_MS = 86_400_000;
/** A token signed by another process with a key that is new to us: looked for at most so often. */
const RELOAD_EVERY_MS = 2000;
/** An old key verifies as long as a token signed with it can live, with room for clock differences. */
const OLD_KEY_LIFE_MS = 2 * ACCESS_TOKEN_S * 1000;
const MAX_TOKEN_CHARS = 2048;

const StoredKeys = z.array(
  z.object({ kid: z.string(), pem: z.string(), createdAtMs: z.number(), retiredAtMs: z.number().nullable() }),
);
type StoredKey = z.infer<typeof StoredKeys>[number];

const Header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string().max(64) });
const Claims = z.object({ sub: z.string(), sid: z.string(), exp: z.number(), iat: z.number() });

interface AccessClaims {
  userId: string;
  sessionId: string;
}

export interface Tokens {
  sign(claims: AccessClaims): string;
  /** Throws `auth.required` for anything that is no token of ours, `auth.expired` for one whose time is over. */
  verify(token: string): Promise<AccessClaims>;
  /** Signs with a new key from now on; tokens signed before stay good until they expire. */
  rotate(): Promise<void>;
  /** To be called regularly: rotates when the key is old, takes over what another process has rotated. */
  rotateWhenDue(): Promise<void>;
}

/** Signing keys are made at the first start, kept in the secret store, and replaced when they are `keyDays` old. */
export async function createTokens(options: {
  secrets: SecretStore;
  clock: Clock;
  keyDays: number;
}): Promise<Tokens> {
  const { secrets, clock, keyDays } = options;
  let keys: { stored: StoredKey; privateKey: KeyObject; publicKey: KeyObject }[] = [];

  const load = (stored: StoredKey[]) => {
    keys = stored.map((key) => {
      const privateKey = createPrivateKey(key.pem);
      return { stored: key, privateKey, publicKey: createPublicKey(privateKey) };
    });
  };
  const parse = (text: string | undefined): StoredKey[] =>
    text === undefined ? [] : StoredKeys.parse(JSON.parse(text));
  /** The stored keys with a fresh one in front; those before it verify for a while yet. */
  const withFresh = (stored: StoredKey[]): StoredKey[] => {
    const now = clock.now();
    const kept = stored
      .map((key) => ({ ...key, retiredAtMs: key.retiredAtMs ?? now }))
      .filter((key) => now - key.retiredAtMs < OLD_KEY_LIFE_MS);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const fresh: StoredKey = {
      kid: randomBytes(8).toString('hex'),
      pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      createdAtMs: now,
      retiredAtMs: null,
    };
    return [fresh, ...kept];
  };
  // Read and written in one step: of two processes that find the key too old one makes the new one.
  const update = async (change: (stored: StoredKey[]) => StoredKey[]) => {
    const text = await secrets.update(SECRET_NAME, (known) => JSON.stringify(change(parse(known))));
    load(parse(text));
  };
  const rotate = () => update(withFresh);
  const isDue = (key: StoredKey | undefined) => !key || clock.now() - key.createdAtMs > keyDays * DAY_MS;
  const rotateWhenDue = () => update((stored) => (isDue(stored[0]) ? withFresh(stored) : stored));
  await rotateWhenDue();

  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  const keyOf = async (kid: string) => {
    const find = () => keys.find(({ stored }) => stored.kid === kid);
    const nowMs = clock.monotonic();
    if (find() === undefined && nowMs - reloadedAtMs >= RELOAD_EVERY_MS) {
      reloadedAtMs = nowMs;
      load(parse(await secrets.get(SECRET_NAME)));
    }
    return find();
  };

  return {
    rotate,
    rotateWhenDue,
    sign({ userId, sessionId }) {
      const [key] = keys;
      if (!key) throw new AppError('internal', { detail: 'no signing key' });
      const iat = Math.floor(clock.now() / 1000);
      return jwt.sign(
        { sub: userId, sid: sessionId, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + ACCESS_TOKEN_S },
        key.privateKey,
        { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TYPE, kid: key.stored.kid } },
      );
    },
    async verify(token) {
      // The header is held to an exact shape first: no other algorithm, no key of the sender's own (jwk, jku, x5u).
      const header = Header.safeParse(headerOf(token));
      const key = header.success ? await keyOf(header.data.kid) : undefined;
      const now = clock.now();
      if (!key || (key.stored.retiredAtMs !== null && now - key.stored.retiredAtMs > OLD_KEY_LIFE_MS))
        throw new AppError('auth.required');
      try {
        const payload = jwt.verify(token, key.publicKey, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          clockTimestamp: Math.floor(now / 1000),
        });
        const claims = Claims.parse(payload);
        return { userId: claims.sub, sessionId: claims.sid };
      } catch (error) {
        throw new AppError(error instanceof jwt.TokenExpiredError ? 'auth.expired' : 'auth.required', {
          cause: error,
        });
      }
    },
  };
}

function headerOf(token: string): unknown {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  const [first, ...rest] = token.split('.');
  if (first === undefined || rest.length !== 2) return undefined;
  try {
    return JSON.parse(Buffer.from(first, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
