import * as oidc from 'openid-client';
import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Database, Logger } from '../../../core/ports.ts';
import type { SignInPolicy } from '../policy.ts';
import { link, useLink } from '../sql/identities.ts';
import { userByName } from '../sql.ts';
import type { Envelopes } from './envelopes.ts';

const LIFE_MS = 15 * 60_000;
const PROVIDER_TIMEOUT_S = 10;
/** A provider that could not be found is asked again after so long. */
const RETRY_MS = 5_000;

const Inside = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

/** Sign-in with an account of another house: authorisation code with PKCE, state and nonce (OpenID Connect). */
export interface Oidc {
  /** Where to send the browser, and what it must bring back in its cookie. Throws `auth.provider`. */
  begin(redirectUrl: string): Promise<{ url: string; cookie: string }>;
  /** The account here of whoever comes back. Throws `auth.proof_invalid`, `auth.no_account`, `auth.provider`. */
  finish(
    returned: { url: URL; cookie: string | undefined },
    redirectUrl: string,
  ): Promise<{ userId: string; secondFactor: boolean }>;
}

export function createOidc(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  envelopes: Envelopes;
  policy: SignInPolicy;
  /** Administrators are never linked by a name that another house hands out. */
  isAdministrator(userId: string): Promise<boolean>;
}): Oidc | undefined {
  const { database, clock, logger, envelopes, policy, isAdministrator } = options;
  const { issuer, clientId, clientSecret, scopes, usernameClaim, secondFactorValues } = policy.oidc;
  if (issuer === undefined || clientId === undefined) return undefined;

  let found: Promise<oidc.Configuration> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  const provider = async () => {
    if (!found) {
      if (clock.monotonic() - failedAtMs < RETRY_MS) throw new AppError('auth.provider');
      found = discover(issuer, clientId, clientSecret);
    }
    try {
      return await found;
    } catch (error) {
      found = undefined;
      failedAtMs = clock.monotonic();
      logger.warn({ issuer, err: String(error) }, 'the OpenID provider cannot be reached');
      throw new AppError('auth.provider', { cause: error });
    }
  };

  /** The account of this identity; the first time it is found by name, from then on by the provider's own id. */
  const accountOf = async (subject: string, named: unknown): Promise<string> => {
    const at = new Date(clock.now());
    const known = await useLink(database, issuer, subject, at);
    if (known !== undefined) return known;
    const username = typeof named === 'string' ? named.trim().toLowerCase() : '';
    const user = username === '' ? undefined : await userByName(database, username);
    if (user?.kind !== 'person' || user.status !== 'active' || (await isAdministrator(user.id)))
      throw new AppError('auth.no_account');
    const row = { issuer, subject, userId: user.id, label: username };
    if (!(await link(database, row, at))) throw new AppError('auth.no_account');
    logger.info({ user: username, issuer }, 'an account elsewhere was linked');
    return user.id;
  };

  return {
    async begin(redirectUrl) {
      const config = await provider();
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUrl,
        scope: scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, cookie: envelopes.seal('oidc', { state, nonce, verifier }, LIFE_MS) };
    },

    async finish({ url, cookie }, redirectUrl) {
      const envelope = cookie === undefined ? undefined : envelopes.open('oidc', Inside, cookie);
      // Without our cookie somebody else began this: signing in would put a stranger's account into this browser.
      if (!envelope || !(await envelopes.spend(database, envelope))) throw new AppError('auth.proof_invalid');
      const { state, nonce, verifier } = envelope.value;
      const config = await provider();
      // The proxy may have changed scheme and host on the way; the redirect address is what was asked for.
      const returned = new URL(redirectUrl);
      returned.search = url.search;
      let claims: oidc.IDToken | undefined;
      try {
        const tokens = await oidc.authorizationCodeGrant(config, returned, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        claims = tokens.claims();
      } catch (error) {
        logger.warn({ issuer, err: String(error) }, 'a sign-in at the OpenID provider was refused');
        throw new AppError('auth.proof_invalid', { cause: error });
      }
      if (!claims) throw new AppError('auth.proof_invalid');
      const userId = await accountOf(claims.sub, claims[usernameClaim]);
      const proofs = [claims.acr, ...(Array.isArray(claims.amr) ? claims.amr : [])];
      return { userId, secondFactor: secondFactorValues?.some((value) => proofs.includes(value)) ?? false };
    },
  };
}

async function discover(issuer: string, clientId: string, secret: string | undefined) {
  const url = new URL(issuer);
  // Over plain HTTP only to this machine: a provider of a test, or behind a proxy of one's own.
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const config = await oidc.discovery(
    url,
    clientId,
    secret === undefined ? undefined : { client_secret: secret },
    secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret),
    { timeout: PROVIDER_TIMEOUT_S, ...(isHere ? { execute: [oidc.allowInsecureRequests] } : {}) },
  );
  // The signature of the ID token is checked too, not only that it came over TLS.
  oidc.enableNonRepudiationChecks(config);
  return config;
}
