import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';

/** A browser cannot send a token with a WebSocket; what it sends instead ends up in addresses, so it lives shortly. */
const LIFE_MS = 30_000;
const MAX_OPEN = 10_000;

export interface LiveTickets {
  issue(sessionId: string): { ticket: string; expiresIn: number };
  /** The session of a ticket, once. */
  redeem(ticket: string): string | undefined;
}

export function createLiveTickets(clock: Clock): LiveTickets {
  // In the order of their making, so the oldest are first.
  const open = new Map<string, { sessionId: string; expiresAtMs: number }>();
  return {
    issue(sessionId) {
      const now = clock.now();
      for (const [ticket, entry] of open) {
        if (entry.expiresAtMs > now && open.size < MAX_OPEN) break;
        open.delete(ticket);
      }
      const ticket = randomBytes(24).toString('base64url');
      open.set(ticket, { sessionId, expiresAtMs: now + LIFE_MS });
      return { ticket, expiresIn: LIFE_MS / 1000 };
    },
    redeem(ticket) {
      const entry = open.get(ticket);
      open.delete(ticket);
      return entry && entry.expiresAtMs > clock.now() ? entry.sessionId : undefined;
    },
  };
}
