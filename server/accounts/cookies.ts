import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request, Response } from 'express';
import { AppError } from '../../core/errors.ts';
import { API_PREFIX, isOwnOrigin } from '../http/index.ts';
import type { SignInPolicy } from './policy.ts';
import type { WebPlace } from './sign-in/passkeys.ts';

const AUTH_PATH = `${API_PREFIX}/auth`;
const BROWSER_MAX_AGE_MS = 180 * 86_400_000;

const isHttps = (req: Request) => req.secure || req.headers['x-forwarded-proto'] === 'https';

/**
 * A cookie of ours. Over HTTPS it has the prefix `__Host-`, which browsers take from this very host only and over
 * HTTPS only; the prefix asks for the path `/`. Over plain HTTP (loopback) it goes to the sign-in routes alone.
 */
interface Cookie {
  name: string;
  maxAgeMs: number;
  /** `lax` where the browser comes back from another house's sign-in page. */
  sameSite: 'strict' | 'lax';
}

export const refreshCookie = (maxAgeMs: number): Cookie => ({
  name: 'haidang_refresh',
  maxAgeMs,
  sameSite: 'strict',
});
/** What a browser keeps of an earlier sign-in, one for each user name. */
export const browserCookie = (username: string): Cookie => ({
  name: `haidang_browser_${createHash('sha256').update(username).digest('hex').slice(0, 12)}`,
  maxAgeMs: BROWSER_MAX_AGE_MS,
  sameSite: 'strict',
});
export const challengeCookie: Cookie = {
  name: 'haidang_challenge',
  maxAgeMs: 5 * 60_000,
  sameSite: 'strict',
};
export const oidcCookie: Cookie = { name: 'haidang_oidc', maxAgeMs: 15 * 60_000, sameSite: 'lax' };

const nameOf = (req: Request, { name }: Cookie) => (isHttps(req) ? `__Host-${name}` : name);
const optionsOf = (req: Request, { sameSite }: Cookie) => {
  const secure = isHttps(req);
  return { httpOnly: true, sameSite, secure, path: secure ? '/' : AUTH_PATH } as const;
};

export function setCookie(req: Request, res: Response, cookie: Cookie, value: string): void {
  res.cookie(nameOf(req, cookie), value, { ...optionsOf(req, cookie), maxAge: cookie.maxAgeMs });
}

export function clearCookie(req: Request, res: Response, cookie: Cookie): void {
  res.clearCookie(nameOf(req, cookie), optionsOf(req, cookie));
}

export function cookieOf(req: Request, cookie: Cookie): string | undefined {
  const prefix = `${nameOf(req, cookie)}=`;
  return (req.headers.cookie ?? '')
    .split(/;\s*/)
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
}

export function refuseForeignOrigin(req: Request): void {
  if (!isOwnOrigin(req)) throw new AppError('auth.origin');
}

/**
 * A cookie travels with requests that other sites start. A browser names the origin of every POST; whoever sends
 * none must set a header that no form or image can set.
 */
export function requireOwnPage(req: Request): void {
  refuseForeignOrigin(req);
  if (req.headers.origin === undefined && req.headers['x-requested-with'] === undefined)
    throw new AppError('auth.origin', { detail: 'Origin or X-Requested-With is missing' });
}

/** Where the console was opened; the host was vetted before any route. */
export function placeOf(req: Request, policy: Pick<SignInPolicy, 'passkeyHost'>): WebPlace {
  const host = (req.headers.host ?? '').toLowerCase();
  const name = host.replace(/:\d+$/, '');
  const secure = isHttps(req);
  const origin = `${secure ? 'https' : 'http'}://${host}`;
  // Browsers offer passkeys in secure contexts only, and for names only.
  const isPossible = (secure || name === 'localhost') && isIP(name.replace(/^\[|\]$/g, '')) === 0;
  const wanted = policy.passkeyHost ?? name;
  const fits = name === wanted || name.endsWith(`.${wanted}`);
  return { origin, rpId: isPossible && fits ? wanted : undefined };
}
