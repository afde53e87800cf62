import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether the request names a host under which this product may be reached: the guard against DNS rebinding. */
export function isAllowedHost(request: IncomingMessage, allowed: readonly string[]): boolean {
  if (!isOneAddress(request)) return false;
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return LOOPBACK.has(host) || allowed.includes(host) || allowed.includes('*');
}

/**
 * Whether the request says only once where it goes. With two hosts, or one in its first line and another in its head,
 * a proxy and we could take it for two different requests.
 */
export function isOneAddress({ rawHeaders, url }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  return hosts.length === 1 && (url === '*' || (url ?? '').startsWith('/'));
}

/**
 * Whether the page that sent the request is ours: the host was vetted, so our own origin is the one that names it.
 * True when no origin is named, as programs that are no browsers do.
 */
export function isOwnOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** Whether a browser says that the request comes from a page of another site or origin. */
export function isForeignPage(request: IncomingMessage): boolean {
  return !isOwnOrigin(request) || request.headers['sec-fetch-site'] === 'cross-site';
}
