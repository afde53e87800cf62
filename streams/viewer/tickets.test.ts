import { describe, expect, it } from 'vitest';
import { createTickets } from './tickets.ts';

const holder = { userId: 'an', sessionId: 's1', cameraId: 'cam-1' };

function bench() {
  let now = 1_000_000;
  const tickets = createTickets({ now: () => now, lifeMs: 60_000 });
  return { tickets, pass: (ms: number) => (now += ms) };
}

describe('a play ticket', () => {
  it('opens once, for its own camera only, within a minute', () => {
    const { tickets, pass } = bench();
    const { ticket, expiresAtMs } = tickets.issue(holder);
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(expiresAtMs).toBe(1_060_000);
    expect(tickets.redeem(ticket, 'cam-1')).toEqual(holder);
    expect(tickets.redeem(ticket, 'cam-1')).toBeUndefined();

    const other = tickets.issue(holder).ticket;
    expect(tickets.redeem(other, 'cam-2')).toBeUndefined();
    expect(tickets.redeem(other, 'cam-1')).toBeUndefined();

    const old = tickets.issue(holder).ticket;
    pass(60_000);
    expect(tickets.redeem(old, 'cam-1')).toBeUndefined();
    expect(tickets.redeem('', 'cam-1')).toBeUndefined();
  });

  it('is taken back with its user, or with one session of theirs', () => {
    const { tickets } = bench();
    const mine = tickets.issue(holder).ticket;
    const elsewhere = tickets.issue({ ...holder, sessionId: 's2' }).ticket;
    const others = tickets.issue({ ...holder, userId: 'binh' }).ticket;
    tickets.revoke('an', 's1');
    expect(tickets.redeem(mine, 'cam-1')).toBeUndefined();
    expect(tickets.redeem(elsewhere, 'cam-1')).toBeDefined();
    const again = tickets.issue(holder).ticket;
    tickets.revoke('an');
    expect(tickets.redeem(again, 'cam-1')).toBeUndefined();
    expect(tickets.redeem(others, 'cam-1')).toBeDefined();
  });

  it('does not pile up: the oldest of one user go first', () => {
    const { tickets } = bench();
    const other = tickets.issue({ ...holder, userId: 'binh' }).ticket;
    const first = tickets.issue(holder).ticket;
    for (let i = 0; i < 500; i++) tickets.issue(holder);
    expect(tickets.size).toBeLessThanOrEqual(130);
    expect(tickets.redeem(first, 'cam-1')).toBeUndefined();
    expect(tickets.redeem(other, 'cam-1')).toBeDefined();
  });
});
