import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether the request names a host under which this product may be reached: the guard against DNS rebinding. */
export function isAllowedHost(request: IncomingMessage, allowed: readonly string[]): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return LOOPBACK.has(host) || allowed.includes(host) || allowed.includes('*');
}

/**
 * Whether the page that sent the request is ours: the host was vetted, so our own origin is the one that names it.
 * True when no origin is named, as programs that are no browsers do.
 */
export function isOwnOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
