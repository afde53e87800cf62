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
const KEY_LIFE_MS = 90 * 86_400_000;
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
  verify(token: string): AccessClaims;
  /** Signs with a new key from now on; tokens signed before stay good until they expire. */
  rotate(): Promise<void>;
}

/** Signing keys are made at the first start, kept in the secret store, and replaced when they are 90 days old. */
export async function createTokens(options: { secrets: SecretStore; clock: Clock }): Promise<Tokens> {
  const { secrets, clock } = options;
  let keys: { stored: StoredKey; privateKey: KeyObject; publicKey: KeyObject }[] = [];

  const load = (stored: StoredKey[]) => {
    keys = stored.map((key) => {
      const privateKey = createPrivateKey(key.pem);
      return { stored: key, privateKey, publicKey: createPublicKey(privateKey) };
    });
  };
  const rotate = async () => {
    const now = clock.now();
    const kept = keys
      .map(({ stored }) => ({ ...stored, retiredAtMs: stored.retiredAtMs ?? now }))
      .filter((key) => now - key.retiredAtMs < OLD_KEY_LIFE_MS);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const fresh: StoredKey = {
      kid: randomBytes(8).toString('hex'),
      pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      createdAtMs: now,
      retiredAtMs: null,
    };
    await secrets.set(SECRET_NAME, JSON.stringify([fresh, ...kept]));
    load([fresh, ...kept]);
  };

  const stored = await secrets.get(SECRET_NAME);
  if (stored !== undefined) load(StoredKeys.parse(JSON.parse(stored)));
  const [current] = keys;
  if (!current || clock.now() - current.stored.createdAtMs > KEY_LIFE_MS) await rotate();

  return {
    rotate,
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
    verify(token) {
      // The header is held to an exact shape first: no other algorithm, no key of the sender's own (jwk, jku, x5u).
      const header = Header.safeParse(headerOf(token));
      const key = header.success
        ? keys.find(({ stored: candidate }) => candidate.kid === header.data.kid)
        : undefined;
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
