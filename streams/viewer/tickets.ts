import { randomBytes } from 'node:crypto';

/** Who may look, and at what. */
export interface Holder {
  userId: string;
  sessionId: string;
  cameraId: string;
  /** Told when the viewer that opened with the ticket has left; the times are epoch ms. */
  left?: ((view: { openedAtMs: number; closedAtMs: number }) => void) | undefined;
}

export interface Tickets {
  /** A new ticket; opens once, within its life. */
  issue(holder: Holder): { ticket: string; expiresAtMs: number };
  /** Uses a ticket up. Undefined for one that is unknown, used, too old or for another camera. */
  redeem(ticket: string, cameraId: string): Holder | undefined;
  revoke(userId: string, sessionId?: string): void;
  readonly size: number;
}

/** A page of sixteen cameras reloaded a few times; more than that is a fault. The oldest go first. */
const MAX_PER_USER = 128;
const MAX_ALL = 20_000;

export function createTickets(ports: { now: () => number; lifeMs: number }): Tickets {
  // In order of issue, which is also the order of expiry.
  const tickets = new Map<string, Holder & { expiresAtMs: number }>();

  function sweep(userId: string): void {
    const now = ports.now();
    const own: string[] = [];
    for (const [ticket, entry] of tickets) {
      if (entry.expiresAtMs <= now) tickets.delete(ticket);
      else if (entry.userId === userId) own.push(ticket);
    }
    for (const ticket of own.slice(0, Math.max(0, own.length - MAX_PER_USER + 1))) tickets.delete(ticket);
    const oldest = tickets.keys().next();
    if (tickets.size >= MAX_ALL && !oldest.done) tickets.delete(oldest.value);
  }

  return {
    get size() {
      return tickets.size;
    },
    issue(holder) {
      sweep(holder.userId);
      const ticket = randomBytes(32).toString('base64url');
      const expiresAtMs = ports.now() + ports.lifeMs;
      tickets.set(ticket, { ...holder, expiresAtMs });
      return { ticket, expiresAtMs };
    },
    redeem(ticket, cameraId) {
      const entry = tickets.get(ticket);
      if (!entry) return undefined;
      // Used up even when it does not fit: a ticket that is tried on another camera is being played with.
      tickets.delete(ticket);
      if (entry.expiresAtMs <= ports.now() || entry.cameraId !== cameraId) return undefined;
      return { userId: entry.userId, sessionId: entry.sessionId, cameraId, left: entry.left };
    },
    revoke(userId, sessionId) {
      for (const [ticket, entry] of tickets)
        if (entry.userId === userId && (sessionId === undefined || entry.sessionId === sessionId))
          tickets.delete(ticket);
    },
  };
}
