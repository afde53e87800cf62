import type { Clock } from '../../core/clock.ts';
import type { Caller, Grant } from '../../core/permissions.ts';
import type { Bus, Database, Logger } from '../../core/ports.ts';
import { type GrantWorld, grantOf, isInDate } from './grants.ts';
import { edgesOf, lentGrant } from './lending/loan-grant.ts';
import type { SignInPolicy } from './policy.ts';
import { type KeyRow, openKeys } from './sql/api-keys.ts';
import { type LoanRow, openLoansTo } from './sql/loans.ts';
import { keepActivity, lockSession, openSessions, type SessionRow } from './sql/sessions.ts';
import { type GrantRow, grantsOf, type UserRow } from './sql.ts';
import { lockAfterMs, needOf } from './standing.ts';

/** How often open sessions are compared with the database: another process may have locked an account. */
const RECHECK_MS = 3000;
const IDLE_MS = 15 * 60_000;
const OWNER = 'accounts.callers';

/** A session of a person, or an API key in its shape. */
type HeldSession = SessionRow & { key?: KeyRow };

/** As it is in the database. */
interface Read {
  session: HeldSession;
  grants: GrantRow[];
  /** What was lent to its person. */
  loans: LoanRow[];
}

interface Held extends Read {
  inDate: readonly Grant[];
  caller: Caller;
  /** The caller is built anew when the area tree has changed or a grant begins or ends. */
  areaGeneration: number;
  validUntilMs: number;
  usedAtMs: number;
  /** When the person last did something, and what of it is in the database. */
  activeAtMs: number;
  keptActiveAtMs: number;
}

/** The sessions of API keys are named after their key. */
const KEY_SESSION = 'key:';
export const sessionOfKeyId = (keyId: string): string => KEY_SESSION + keyId;
const isKeySession = (id: string) => id.startsWith(KEY_SESSION);

const sessionOfKey = (key: KeyRow): HeldSession => ({
  id: sessionOfKeyId(key.id),
  user_id: key.user_id,
  username: key.username,
  display_name: key.display_name,
  agency_id: key.agency_id,
  created_at: key.created_at,
  expires_at: key.expires_at,
  method: 'key',
  second_factor_at: null,
  verified_at: key.created_at,
  active_at: key.created_at,
  locked_at: null,
  password_issued: false,
  password_changed_at: key.created_at,
  has_second_factor: false,
  terms_version: null,
  key,
});

/** What of a grant a key may use. */
function withinKey(grant: Grant, key: KeyRow): Grant | undefined {
  if (key.grant_ids !== null && (grant.id === null || !key.grant_ids.includes(grant.id))) return undefined;
  if (key.permissions === null) return grant;
  const permissions = new Set(key.permissions.filter((permission) => grant.permissions.has(permission)));
  return { ...grant, permissions };
}

export interface Callers {
  /** From memory, or from the database at first sight; undefined when the session is not open. */
  load(sessionId: string): Promise<Caller | undefined>;
  /** From memory only; a locked session has no caller here. */
  current(sessionId: string): Caller | undefined;
  /** The person did something. */
  touch(sessionId: string): void;
  /** Reads a session anew: it was unlocked, or a factor or password has changed. */
  refresh(sessionId: string): Promise<void>;
  /** Somebody as they would be if they were signed in now; a locked account has no grants. */
  ofPerson(user: UserRow): Promise<Caller>;
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
  policy: SignInPolicy;
}): Callers {
  const { database, bus, clock, world, logger, policy } = options;
  const { areas } = world;
  const held = new Map<string, Held>();
  let closed = false;
  let cancel = () => {};

  const ownGrants = (grants: readonly GrantRow[], agencyId: string | null) =>
    grants
      .filter((grant) => isInDate(grant, clock.now()))
      .flatMap((grant) => grantOf(grant, agencyId, world) ?? []);
  const lentGrants = (loans: readonly LoanRow[]) =>
    loans.flatMap((loan) => lentGrant(loan, clock.now(), world) ?? []);

  const build = (
    { session, grants, loans }: Read,
    usedAtMs: number,
    activeAtMs = session.active_at.getTime(),
  ): Held => {
    const now = clock.now();
    const { key } = session;
    const own = ownGrants(grants, session.agency_id);
    const inDate = key
      ? own.flatMap((grant) => withinKey(grant, key) ?? [])
      : // Powers are lent to a person, not to what acts in their name.
        [...own, ...lentGrants(loans)];
    const edges = [
      ...grants.flatMap((grant) => [grant.valid_from.getTime(), grant.valid_to?.getTime() ?? Infinity]),
      ...loans.flatMap(edgesOf),
    ].filter((edge) => edge > now);
    const needs = needOf({ ...session, activeAtMs }, inDate, policy, now);
    return {
      session,
      grants,
      loans,
      inDate,
      usedAtMs,
      activeAtMs,
      keptActiveAtMs: session.active_at.getTime(),
      areaGeneration: areas.generation,
      validUntilMs: Math.min(...edges, Infinity),
      caller: {
        userId: session.user_id,
        username: session.username,
        displayName: session.display_name,
        sessionId: session.id,
        agencyId: session.agency_id,
        grants: needs === undefined ? inDate : [],
        ...(needs === undefined ? {} : { needs }),
        ...(needs === 'unlock' ? { whenUnlocked: inDate } : {}),
        ...(session.key
          ? {}
          : { provedUntilMs: session.verified_at.getTime() + policy.stepUpMinutes * 60_000 }),
      },
    };
  };
  const rebuild = (id: string, entry: Held, fresh: Read = entry): Held => {
    const activeAtMs = Math.max(entry.activeAtMs, fresh.session.active_at.getTime());
    const next = build(fresh, entry.usedAtMs, activeAtMs);
    held.set(id, next);
    if (rightsOf(entry) !== rightsOf(next))
      bus.emit('user.rights', { userId: entry.session.user_id, sessionId: id });
    return next;
  };

  const isOverdue = (entry: Held) =>
    !entry.session.key &&
    entry.caller.needs === undefined &&
    clock.now() - entry.activeAtMs >= lockAfterMs(policy, entry.inDate);

  /** The entry as of now. */
  const entryOf = (sessionId: string): Held | undefined => {
    const entry = held.get(sessionId);
    if (!entry) return undefined;
    const now = clock.now();
    if (entry.session.expires_at.getTime() <= now) {
      end(entry.session);
      return undefined;
    }
    entry.usedAtMs = now;
    if (entry.areaGeneration !== areas.generation || now >= entry.validUntilMs || isOverdue(entry))
      return rebuild(sessionId, entry);
    return entry;
  };

  const end = (session: HeldSession) => {
    held.delete(session.id);
    bus.emit('user.revoked', { userId: session.user_id, sessionId: session.id });
  };

  const readOpen = async (ids: readonly string[]) => {
    const at = new Date(clock.now());
    const keyIds = ids.filter((id) => isKeySession(id)).map((id) => id.slice(KEY_SESSION.length));
    const sessionIds = ids.filter((id) => !isKeySession(id));
    const keys = keyIds.length === 0 ? [] : (await openKeys(database, keyIds, at)).map(sessionOfKey);
    const sessions: HeldSession[] = [
      ...(sessionIds.length === 0 ? [] : await openSessions(database, sessionIds, at)),
      ...keys,
    ];
    const users = sessions.map((session) => session.user_id);
    const grants = await grantsOf(database, users);
    const loans = await openLoansTo(database, users, at);
    return sessions.map((session) => ({
      session,
      grants: grants.filter((grant) => grant.user_id === session.user_id),
      loans: loans.filter((loan) => loan.to_user === session.user_id),
    }));
  };

  /** Writes down who acted, and locks what nobody has touched for too long. */
  const keepWatch = async () => {
    const people = [...held.values()].filter((entry) => !entry.session.key);
    const acts = people.filter((entry) => entry.activeAtMs > entry.keptActiveAtMs);
    if (acts.length > 0) {
      const written = acts.map((entry) => ({ id: entry.session.id, at: new Date(entry.activeAtMs) }));
      await keepActivity(database, written);
      for (const [i, entry] of acts.entries()) entry.keptActiveAtMs = written[i]?.at.getTime() ?? 0;
    }
    for (const [id, entry] of held) {
      if (entry.session.locked_at !== null || entry.session.key) continue;
      const afterMs = lockAfterMs(policy, entry.inDate);
      if (clock.now() - entry.activeAtMs < afterMs) continue;
      const idleSince = new Date(clock.now() - afterMs);
      if (!(await lockSession(database, id, idleSince, new Date(clock.now())))) continue;
      // Sockets, tickets and pictures of it end; the session itself waits for its person.
      bus.emit('user.revoked', { userId: entry.session.user_id, sessionId: id });
    }
  };

  const recheck = async () => {
    const now = clock.now();
    await keepWatch();
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
      else if (changed(entry, fresh)) rebuild(id, entry, fresh);
      else {
        entry.session = fresh.session;
        entry.activeAtMs = Math.max(entry.activeAtMs, fresh.session.active_at.getTime());
      }
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

  const read = async (sessionId: string): Promise<Held | undefined> => {
    const [fresh] = await readOpen([sessionId]);
    if (!fresh) return undefined;
    const entry = build(fresh, clock.now());
    held.set(sessionId, entry);
    return entry;
  };

  return {
    current(sessionId) {
      const caller = entryOf(sessionId)?.caller;
      return caller?.needs === 'unlock' ? undefined : caller;
    },
    recheck,
    load: async (sessionId) => (entryOf(sessionId) ?? (await read(sessionId)))?.caller,
    touch(sessionId) {
      const entry = held.get(sessionId);
      if (entry && entry.caller.needs !== 'unlock') entry.activeAtMs = clock.now();
    },
    async ofPerson(user) {
      const grants = await grantsOf(database, [user.id]);
      const loans = await openLoansTo(database, [user.id], new Date(clock.now()));
      return {
        userId: user.id,
        username: user.username,
        displayName: user.display_name,
        sessionId: '',
        agencyId: user.agency_id,
        grants: user.status === 'active' ? [...ownGrants(grants, user.agency_id), ...lentGrants(loans)] : [],
      };
    },
    async refresh(sessionId) {
      await read(sessionId);
    },
    close() {
      closed = true;
      cancel();
      bus.off(OWNER);
    },
  };
}

/** What a session may do, in words: by the rows behind it, so that a moved border is no change. */
const rightsOf = ({ inDate, caller }: Held): string =>
  JSON.stringify([
    caller.needs,
    inDate.map(({ id, loan, role, permissions, maxClass }) => [id, loan, role, [...permissions], maxClass]),
  ]);

function changed(entry: Held, fresh: Read): boolean {
  // When somebody last acted changes all the time and changes nothing.
  const identity = ({ expires_at: _1, active_at: _2, ...session }: HeldSession) => session;
  return (
    JSON.stringify([identity(entry.session), entry.grants, entry.loans]) !==
    JSON.stringify([identity(fresh.session), fresh.grants, fresh.loans])
  );
}
