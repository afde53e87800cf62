import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { isAppError } from '../../core/errors.ts';
import { memorySecrets } from '../../test/support/secrets.ts';
import { createTokens, type Tokens } from './tokens.ts';

const NOW = Date.parse('2026-11-22T08:00:00+07:00');

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  let clock: ReturnType<typeof manualClock>;
  let secrets: ReturnType<typeof memorySecrets>;
  let tokens: Tokens;
  let pem: string;
  let kid: string;
  beforeEach(async () => {
    clock = manualClock(NOW);
    secrets = memorySecrets();
    tokens = await createTokens({ secrets, clock, keyDays: 90 });
    [{ pem, kid }] = JSON.parse(secrets.values.get('auth/signing-keys') ?? '');
  });

  const verdict = async (token: string) => {
    try {
      return await tokens.verify(token);
    } catch (error) {
      if (isAppError(error)) return error.code;
      throw error;
    }
  };
  /** A token signed with the real key, with whatever claims and header an attack needs. */
  const forge = (claims: object = {}, header: object = {}) => {
    const iat = NOW / 1000;
    return jwt.sign(
      // Through JSON, which drops what a case sets to undefined.
      JSON.parse(
        JSON.stringify({
          sub: 'u1',
          sid: 's1',
          iss: 'haidang',
          aud: 'haidang-api',
          iat,
          exp: iat + 600,
          ...claims,
        }),
      ),
      createPrivateKey(pem),
      { algorithm: 'ES256', header: { alg: 'ES256', typ: 'at+jwt', kid, ...header } },
    );
  };

  it('come back with what they were signed for, also after a restart', async () => {
    const token = tokens.sign({ userId: 'u1', sessionId: 's1' });
    expect(await verdict(token)).toEqual({ userId: 'u1', sessionId: 's1' });
    tokens = await createTokens({ secrets, clock, keyDays: 90 });
    expect(await verdict(token)).toEqual({ userId: 'u1', sessionId: 's1' });
    expect(await verdict(forge())).toEqual({ userId: 'u1', sessionId: 's1' });
  });

  it('end after ten minutes', async () => {
    const token = tokens.sign({ userId: 'u1', sessionId: 's1' });
    clock.advance(599_000);
    expect(await verdict(token)).toEqual({ userId: 'u1', sessionId: 's1' });
    clock.advance(1_000);
    expect(await verdict(token)).toBe('auth.expired');
  });

  it('are refused when no key of ours signed them', async () => {
    const [, payload] = forge().split('.');
    const publicPem = createPublicKey(createPrivateKey(pem))
      .export({ type: 'spki', format: 'pem' })
      .toString();
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const good = forge();
    const attacks: Record<string, string> = {
      'alg none': `${b64({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.`,
      'alg None': `${b64({ alg: 'None', typ: 'at+jwt', kid })}.${payload}.x`,
      'public key as HMAC secret': jwt.sign(claims, Buffer.from(publicPem), {
        algorithm: 'HS256',
        header: { alg: 'HS256', typ: 'at+jwt', kid },
        allowInvalidAsymmetricKeyTypes: true,
      }),
      'another key under our kid': jwt.sign(claims, other.privateKey, {
        algorithm: 'ES256',
        header: { alg: 'ES256', typ: 'at+jwt', kid },
      }),
      'its own key in the header': jwt.sign(claims, other.privateKey, {
        algorithm: 'ES256',
        header: {
          alg: 'ES256',
          typ: 'at+jwt',
          kid,
          jwk: other.publicKey.export({ format: 'jwk' }),
        } as jwt.JwtHeader,
      }),
      'a key elsewhere': forge({}, { jku: 'https://example.test/keys' }),
      'a path as kid': forge({}, { kid: '../../etc/passwd' }),
      'SQL as kid': forge({}, { kid: `x' or '1'='1` }),
      'a certificate elsewhere': forge({}, { x5u: 'https://example.test/chain.pem' }),
      'a certificate of its own': forge({}, { x5c: ['MIIB'] }),
      'unknown critical header': forge({}, { crit: ['b64'], b64: false }),
      'no kid': good.replace(/^[^.]+/, b64({ alg: 'ES256', typ: 'at+jwt' })),
      'cut off': good.slice(0, -4),
      'payload changed': good.replace(/\.[^.]+\./, `.${b64({ ...claims, sub: 'u2' })}.`),
      'two parts': good.split('.').slice(0, 2).join('.'),
      'four parts': `${good}.x`,
      'not a token': 'hello',
      empty: '',
      'very long': 'x'.repeat(100_000),
    };
    for (const [name, token] of Object.entries(attacks))
      expect([name, await verdict(token)]).toEqual([name, 'auth.required']);
  });

  it('are refused when they are for somebody else, of another kind, from the future, or without an end', async () => {
    const attacks: Record<string, string> = {
      audience: forge({ aud: 'other' }),
      issuer: forge({ iss: 'other' }),
      'refresh token type': forge({}, { typ: 'rt+jwt' }),
      'plain type': forge({}, { typ: 'JWT' }),
      'not yet valid': forge({ nbf: NOW / 1000 + 3600 }),
      'no session': forge({ sid: undefined }),
      'no end': forge({ exp: undefined }),
    };
    for (const [name, token] of Object.entries(attacks))
      expect([name, await verdict(token)]).toEqual([name, 'auth.required']);
    expect(await verdict(forge({ exp: NOW / 1000 - 1 }))).toBe('auth.expired');
  });

  it('of the old key stay good for their time after a rotation, and not longer', async () => {
    const before = tokens.sign({ userId: 'u1', sessionId: 's1' });
    await tokens.rotate();
    const after = tokens.sign({ userId: 'u1', sessionId: 's1' });
    expect(jwt.decode(before, { complete: true })?.header.kid).not.toBe(
      jwt.decode(after, { complete: true })?.header.kid,
    );
    expect(await verdict(before)).toEqual({ userId: 'u1', sessionId: 's1' });
    expect(await verdict(after)).toEqual({ userId: 'u1', sessionId: 's1' });
    clock.advance(21 * 60_000);
    expect(await verdict(forge({ iat: clock.now() / 1000, exp: clock.now() / 1000 + 600 }))).toBe(
      'auth.required',
    );
  });

  it('get a new key when the old one is ninety days old, at a start and while running', async () => {
    const kidOf = (token: string) => jwt.decode(token, { complete: true })?.header.kid;
    clock.advance(89 * 86_400_000);
    await tokens.rotateWhenDue();
    const before = tokens.sign({ userId: 'u1', sessionId: 's1' });
    expect(kidOf(before)).toBe(kid);
    clock.advance(2 * 86_400_000);
    const fresh = tokens.sign({ userId: 'u1', sessionId: 's1' });
    await tokens.rotateWhenDue();
    const after = tokens.sign({ userId: 'u1', sessionId: 's1' });
    expect(kidOf(after)).not.toBe(kid);
    expect(await verdict(fresh)).toEqual({ userId: 'u1', sessionId: 's1' });
    clock.advance(91 * 86_400_000);
    tokens = await createTokens({ secrets, clock, keyDays: 90 });
    expect(kidOf(tokens.sign({ userId: 'u1', sessionId: 's1' }))).not.toBe(kidOf(after));
  });

  it('of another process that has rotated are good at once, and made-up ones do not make us look all the time', async () => {
    const other = await createTokens({ secrets, clock, keyDays: 90 });
    await other.rotate();
    clock.advance(10_000);
    expect(await verdict(other.sign({ userId: 'u2', sessionId: 's2' }))).toEqual({
      userId: 'u2',
      sessionId: 's2',
    });
    let looks = 0;
    const counting = {
      ...secrets,
      get: async (name: string) => {
        looks++;
        return secrets.values.get(name);
      },
    };
    tokens = await createTokens({ secrets: counting, clock, keyDays: 90 });
    for (let i = 0; i < 100; i++)
      expect(await verdict(forge({}, { kid: `made-up-${i}` }))).toBe('auth.required');
    expect(looks).toBe(1);
  });
});
