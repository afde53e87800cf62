import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError, isAppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Logger, Sessions } from '../../core/ports.ts';
import { API_PREFIX, isAllowedHost, isOwnOrigin } from '../http/index.ts';
import type { LiveHub } from './hub.ts';
import type { LiveTickets } from './tickets.ts';

const LIVE_PATH = `${API_PREFIX}/live`;
/** A subscription is a few hundred bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024;
const STATUS_TEXT: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  503: 'Service Unavailable',
};

/** False when the path is not ours. Opens for the origin of the console only, with a ticket or a bearer token. */
export type LiveUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export function createUpgrade(options: {
  hub: LiveHub;
  tickets: LiveTickets;
  sessions: Sessions;
  allowedHosts: readonly string[];
  logger: Logger;
}): LiveUpgrade {
  const { hub, tickets, sessions, allowedHosts, logger } = options;
  // Without compression: frames are small, and a compressed bomb would grow in memory.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  const callerOf = async (request: IncomingMessage): Promise<Caller> => {
    if (!isAllowedHost(request, allowedHosts) || !isOwnOrigin(request)) throw new AppError('auth.origin');
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return sessions.authenticate(bearer);
    const ticket = new URL(request.url ?? '', 'http://localhost').searchParams.get('ticket');
    const sessionId = ticket === null ? undefined : tickets.redeem(ticket);
    const caller = sessionId === undefined ? undefined : sessions.current(sessionId);
    if (!caller) throw new AppError('auth.required');
    return caller;
  };

  return (request, socket, head) => {
    if ((request.url ?? '').split('?', 1)[0] !== LIVE_PATH) return false;
    callerOf(request).then(
      (caller) => server.handleUpgrade(request, socket, head, (opened) => hub.accept(opened, caller)),
      (error) => {
        if (!isAppError(error)) logger.error({ err: String(error) }, 'live upgrade failed');
        const status = isAppError(error) ? error.status : 503;
        const code = isAppError(error) ? error.code : 'internal';
        refuse(socket, status, code);
      },
    );
    return true;
  };
}

function refuse(socket: Duplex, status: number, code: string): void {
  const body = JSON.stringify({ status, code });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? 'Refused'}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
