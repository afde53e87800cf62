import type { Clock } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Bus, Database, Logger } from '../../core/ports.ts';
import { type GrantWorld, grantOf, isInDate } from './grants.ts';
import { type GrantRow, grantsOf, openSessions, type SessionRow } from './sql.ts';

/** How often open sessions are compared with the database: another process may have locked an account. */
const RECHECK_MS = 3000;
const IDLE_MS = 15 * 60_000;
const OWNER = 'accounts.callers';

interface Held {
  session: SessionRow;
  grants: GrantRow[];
  caller: Caller;
  /** The caller is built anew when the area tree has changed or a grant begins or ends. */
  areaGeneration: number;
  validUntilMs: number;
  usedAtMs: number;
}

export interface Callers {
  /** From memory, or from the database at first sight; undefined when the session is not open. */
  load(sessionId: string): Promise<Caller | undefined>;
  /** From memory only. */
  current(sessionId: string): Caller | undefined;
  /** Compares every held session with the database now. */
  recheck(): Promise<void>;
  close(): void;
}

/** The callers of the sessions in use, with their grants expanded to area ids. */
export function createCallers(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  world: GrantWorld;
  logger: Logger;
}): Callers {
  const { database, bus, clock, world, logger } = options;
  const { areas } = world;
  const held = new Map<string, Held>();
  let closed = false;
  let cancel = () => {};

  const build = (session: SessionRow, grants: GrantRow[], usedAtMs: number): Held => {
    const now = clock.now();
    const edges = grants
      .flatMap((grant) => [grant.valid_from.getTime(), grant.valid_to?.getTime() ?? Infinity])
      .filter((edge) => edge > now);
    return {
      session,
      grants,
      usedAtMs,
      areaGeneration: areas.generation,
      validUntilMs: Math.min(...edges, Infinity),
      caller: {
        userId: session.user_id,
        username: session.username,
        displayName: session.display_name,
        sessionId: session.id,
        agencyId: session.agency_id,
        grants: grants
          .filter((grant) => isInDate(grant, now))
          .flatMap((grant) => grantOf(grant, session.agency_id, world) ?? []),
      },
    };
  };

  const current = (sessionId: string): Caller | undefined => {
    let entry = held.get(sessionId);
    if (!entry) return undefined;
    const now = clock.now();
    if (entry.session.expires_at.getTime() <= now) {
      end(entry.session);
      return undefined;
    }
    if (entry.areaGeneration !== areas.generation || now >= entry.validUntilMs) {
      entry = build(entry.session, entry.grants, now);
      held.set(sessionId, entry);
    }
    entry.usedAtMs = now;
    return entry.caller;
  };

  const end = (session: SessionRow) => {
    held.delete(session.id);
    bus.emit('user.revoked', { userId: session.user_id, sessionId: session.id });
  };

  const readOpen = async (ids: readonly string[]) => {
    const sessions = await openSessions(database, ids, new Date(clock.now()));
    const grants = await grantsOf(
      database,
      sessions.map((session) => session.user_id),
    );
    return sessions.map((session) => ({
      session,
      grants: grants.filter((grant) => grant.user_id === session.user_id),
    }));
  };

  const recheck = async () => {
    const now = clock.now();
    for (const [id, entry] of held) if (now - entry.usedAtMs > IDLE_MS) held.delete(id);
    const ids = [...held.keys()];
    if (ids.length === 0) return;
    const open = new Map((await readOpen(ids)).map((entry) => [entry.session.id, entry]));
    for (const id of ids) {
      const entry = held.get(id);
      const fresh = open.get(id);
      if (!entry) continue;
      if (!fresh) end(entry.session);
      // The same object as long as nothing changed: sockets notice a change by its identity.
      else if (changed(entry, fresh)) held.set(id, build(fresh.session, fresh.grants, entry.usedAtMs));
      else entry.session = fresh.session;
    }
  };

  let running = false;
  let again = false;
  /** One at a time; what is asked for meanwhile is done once more afterwards. */
  const recheckSoon = () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    recheck()
      .catch((error) => logger.warn({ err: String(error) }, 'sessions could not be checked'))
      .finally(() => {
        running = false;
        if (again && !closed) {
          again = false;
          recheckSoon();
        }
      });
  };
  const tick = () => {
    if (closed) return;
    recheckSoon();
    cancel = clock.after(RECHECK_MS, tick);
  };
  cancel = clock.after(RECHECK_MS, tick);

  bus.on(OWNER, 'user.revoked', ({ userId, sessionId }) => {
    for (const [id, entry] of held) {
      if (entry.session.user_id === userId && (sessionId === null || sessionId === id)) held.delete(id);
    }
  });
  bus.on(OWNER, 'registry.changed', ({ kind }) => {
    if (kind === 'user') recheckSoon();
  });

  return {
    current,
    recheck,
    async load(sessionId) {
      const known = current(sessionId);
      if (known) return known;
      const [fresh] = await readOpen([sessionId]);
      if (!fresh) return undefined;
      const entry = build(fresh.session, fresh.grants, clock.now());
      held.set(sessionId, entry);
      return entry.caller;
    },
    close() {
      closed = true;
      cancel();
      bus.off(OWNER);
    },
  };
}

function changed(entry: Held, fresh: { session: SessionRow; grants: GrantRow[] }): boolean {
  const identity = (session: SessionRow) => [session.username, session.display_name, session.agency_id];
  return (
    JSON.stringify([identity(entry.session), entry.grants]) !==
    JSON.stringify([identity(fresh.session), fresh.grants])
  );
}
