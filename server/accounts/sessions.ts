import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller, RequestOrigin } from '../../core/permissions.ts';
import type {
  AuditActor,
  AuditTrail,
  Bus,
  Database,
  Sessions as SessionsPort,
  Tx,
} from '../../core/ports.ts';
import { sha256 } from '../http/index.ts';
import { isApiKey } from './api-keys.ts';
import type { Callers } from './callers.ts';
import type { SignInPolicy } from './policy.ts';
import { accountActor } from './sign-in/facts.ts';
import {
  forgetTokensBefore,
  insertRefreshToken,
  insertSession,
  type ListedSession,
  lockSession,
  markVerified,
  openSessions,
  prolongSession,
  revokeSession,
  revokeSessionsOf,
  type SignInMethod,
  sessionOfToken,
  sessionsOf,
  useRefreshToken,
} from './sql/sessions.ts';
import { markUsed, userById } from './sql.ts';
import { ACCESS_TOKEN_S, type Tokens } from './tokens.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 86_400_000;
const KEEP_TOKENS_MS = DAY_MS;

export interface SignedIn {
  accessToken: string;
  expiresIn: number;
  /** For the cookie only: never in a body. */
  refreshToken: string;
}

export interface Client {
  ip: string;
  userAgent: string;
  requestId: string;
}

export interface Sessions extends SessionsPort {
  /** Opens a session for somebody who has proved who they are. */
  open(
    userId: string,
    proof: { method: SignInMethod; secondFactor: boolean },
    client: Client,
    /** Belongs to the opening: runs last in its transaction. */
    within?: (tx: Tx, sessionId: string) => Promise<void>,
  ): Promise<SignedIn>;
  /** Trades a refresh token for a new pair. Using one twice closes the session: one of the two users stole it. */
  refresh(refreshToken: string, origin: RequestOrigin): Promise<SignedIn>;
  logout(
    refreshToken: string | undefined,
    sessionId: string | undefined,
    origin: RequestOrigin,
  ): Promise<void>;
  /** Open sessions of an account, the last used first. */
  list(userId: string): Promise<ListedSession[]>;
  /** False when there is no such open session of the account. */
  end(userId: string, sessionId: string, reason: string, by: AuditActor): Promise<boolean>;
  /** Ends all sessions of a person but the one they ask from. */
  endOthers(caller: Caller): Promise<void>;
  /** Ends the sessions of an account, for example all but the one that changes the password. */
  revokeUser(userId: string, reason: string, exceptSessionId?: string): Promise<void>;
  /** Locks a session as if nobody had touched it for long. */
  lock(caller: Caller): Promise<void>;
  /** The person has proved again who they are; a locked session is open again. */
  proved(sessionId: string, proof: { secondFactor: boolean }): Promise<void>;
  /** What the account must do has changed: the session goes on with what holds now. */
  reread(sessionId: string): Promise<void>;
  forgetOldTokens(): Promise<void>;
  /** How long a refresh cookie may lie unused, milliseconds. */
  readonly idleMs: number;
}

export function createSessions(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  tokens: Tokens;
  callers: Callers;
  policy: SignInPolicy;
  audit: AuditTrail;
  apiKeys: Pick<SessionsPort, 'authenticate'>;
}): Sessions {
  const { database, bus, clock, tokens, callers, policy, audit, apiKeys } = options;
  const idleMs = policy.sessionIdleHours * HOUR_MS;
  const now = () => new Date(clock.now());
  const newToken = () => randomBytes(32).toString('base64url');

  /** Closes a session and says so in the trail. Whose cookie ends it acts for themselves. */
  const close = async (
    sessionId: string,
    reason: string,
    by: AuditActor | RequestOrigin,
    action: 'session.end' | 'session.reuse' = 'session.end',
  ) => {
    const userId = await database.transaction(async (tx) => {
      const closed = await revokeSession(tx, sessionId, reason, now());
      const user = closed === undefined ? undefined : await userById(tx, closed);
      if (user)
        await audit.record(tx, {
          by: 'username' in by ? by : { ...accountActor(user), sessionId, origin: by },
          action,
          object: { type: 'account', id: user.id, name: user.username },
          after: { reason },
        });
      return closed;
    });
    if (userId !== undefined) bus.emit('user.revoked', { userId, sessionId });
  };

  const refreshed = async (hash: Buffer) => {
    const at = now();
    const refreshToken = newToken();
    return database.transaction(async (tx) => {
      const sessionId = await useRefreshToken(tx, hash, at);
      if (sessionId === undefined) return undefined;
      const [session] = await openSessions(tx, [sessionId], at);
      if (!session) return undefined;
      const lastMs = session.created_at.getTime() + policy.sessionDays * DAY_MS;
      await prolongSession(tx, sessionId, at, new Date(Math.min(at.getTime() + idleMs, lastMs)));
      await insertRefreshToken(tx, sha256(refreshToken), sessionId, at);
      return { refreshToken, sessionId, userId: session.user_id };
    });
  };

  return {
    idleMs,
    async open(userId, { method, secondFactor }, { ip, userAgent }, within) {
      const at = now();
      const sessionId = randomBytes(16).toString('base64url');
      const refreshToken = newToken();
      await database.transaction(async (tx) => {
        await insertSession(tx, {
          id: sessionId,
          userId,
          method,
          secondFactor,
          ip,
          userAgent: userAgent.slice(0, 300),
          at,
          expiresAt: new Date(at.getTime() + idleMs),
        });
        await insertRefreshToken(tx, sha256(refreshToken), sessionId, at);
        await markUsed(tx, userId, at);
        await within?.(tx, sessionId);
      });
      return { accessToken: tokens.sign({ userId, sessionId }), expiresIn: ACCESS_TOKEN_S, refreshToken };
    },

    async refresh(refreshToken, origin) {
      const hash = sha256(refreshToken);
      const next = await refreshed(hash);
      if (next) {
        const accessToken = tokens.sign({ userId: next.userId, sessionId: next.sessionId });
        return { accessToken, expiresIn: ACCESS_TOKEN_S, refreshToken: next.refreshToken };
      }
      const sessionId = await sessionOfToken(database, hash);
      if (sessionId === undefined) throw new AppError('auth.required');
      const [open] = await openSessions(database, [sessionId], now());
      if (!open) throw new AppError('auth.expired');
      await close(sessionId, 'refresh token used twice', origin, 'session.reuse');
      throw new AppError('auth.reused');
    },

    async logout(refreshToken, sessionId, origin) {
      const ofToken =
        refreshToken === undefined ? undefined : await sessionOfToken(database, sha256(refreshToken));
      for (const id of new Set([ofToken, sessionId]))
        if (id !== undefined) await close(id, 'signed out', origin);
    },

    list: (userId) => sessionsOf(database, userId, now()),

    async end(userId, sessionId, reason, by) {
      const open = await sessionsOf(database, userId, now());
      if (!open.some((session) => session.id === sessionId)) return false;
      await close(sessionId, reason, by);
      return true;
    },

    async endOthers(caller) {
      const { userId, username } = caller;
      const ended = await database.transaction(async (tx) => {
        const ids = await revokeSessionsOf(tx, userId, 'ended by the user', now(), caller.sessionId);
        await audit.record(tx, {
          by: caller,
          action: 'session.end',
          object: { type: 'account', id: userId, name: username },
          after: { others: ids.length },
        });
        return ids;
      });
      for (const sessionId of ended) bus.emit('user.revoked', { userId, sessionId });
    },

    async revokeUser(userId, reason, exceptSessionId) {
      const ended = await revokeSessionsOf(database, userId, reason, now(), exceptSessionId ?? null);
      for (const sessionId of ended) bus.emit('user.revoked', { userId, sessionId });
    },

    async lock(caller) {
      const { userId, username, sessionId } = caller;
      await database.transaction(async (tx) => {
        await lockSession(tx, sessionId, now(), now());
        await audit.record(tx, {
          by: caller,
          action: 'session.lock',
          object: { type: 'account', id: userId, name: username },
        });
      });
      bus.emit('user.revoked', { userId, sessionId });
    },

    async proved(sessionId, proof) {
      await markVerified(database, sessionId, { ...proof, at: now() });
      await callers.refresh(sessionId);
    },

    async authenticate(token, facts) {
      if (isApiKey(token)) return apiKeys.authenticate(token, facts);
      const { userId, sessionId } = await tokens.verify(token);
      const caller = await callers.load(sessionId);
      if (!caller) throw new AppError('auth.expired');
      if (caller.userId !== userId) throw new AppError('auth.required');
      if (!facts?.background) callers.touch(sessionId);
      return caller;
    },

    reread: callers.refresh,
    current: callers.current,
    forgetOldTokens: () => forgetTokensBefore(database, new Date(clock.now() - KEEP_TOKENS_MS)),
  };
}
