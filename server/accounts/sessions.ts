import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Bus, Database, Sessions as SessionsPort } from '../../core/ports.ts';
import { sha256 } from '../http/index.ts';
import type { Callers } from './callers.ts';
import type { Passwords } from './passwords.ts';
import {
  forgetTokensBefore,
  insertRefreshToken,
  insertSession,
  openSessions,
  prolongSession,
  revokeSession,
  revokeSessionsOf,
  sessionOfToken,
  useRefreshToken,
  userByName,
} from './sql.ts';
import type { LoginThrottle } from './throttle.ts';
import { ACCESS_TOKEN_S, type Tokens } from './tokens.ts';

/** A session ends after a night without use, and after a week in any case. */
export const IDLE_MS = 12 * 3600_000;
const ABSOLUTE_MS = 7 * 86_400_000;
const KEEP_TOKENS_MS = 86_400_000;

export interface SignedIn {
  accessToken: string;
  expiresIn: number;
  /** For the cookie only: never in a body. */
  refreshToken: string;
}

interface Client {
  ip: string;
  userAgent: string;
}

export interface Sessions extends SessionsPort {
  login(username: string, password: string, client: Client): Promise<SignedIn>;
  /** Trades a refresh token for a new pair. Using one twice closes the session: one of the two users stole it. */
  refresh(refreshToken: string): Promise<SignedIn>;
  logout(refreshToken: string | undefined, sessionId: string | undefined): Promise<void>;
  /** Ends the sessions of an account, for example all but the one that changes the password. */
  revokeUser(userId: string, reason: string, exceptSessionId?: string): Promise<void>;
  forgetOldTokens(): Promise<void>;
}

export function createSessions(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  tokens: Tokens;
  passwords: Passwords;
  throttle: LoginThrottle;
  callers: Callers;
}): Sessions {
  const { database, bus, clock, tokens, passwords, throttle, callers } = options;
  const now = () => new Date(clock.now());
  const newToken = () => randomBytes(32).toString('base64url');

  const close = async (sessionId: string, reason: string) => {
    const userId = await revokeSession(database, sessionId, reason, now());
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
      const expiresAt = new Date(
        Math.min(at.getTime() + IDLE_MS, session.created_at.getTime() + ABSOLUTE_MS),
      );
      await prolongSession(tx, sessionId, at, expiresAt);
      await insertRefreshToken(tx, sha256(refreshToken), sessionId, at);
      return { refreshToken, sessionId, userId: session.user_id };
    });
  };

  return {
    async login(rawName, password, { ip, userAgent }) {
      const username = rawName.trim().toLowerCase();
      throttle.take(username, ip);
      const user = await userByName(database, username);
      const matches = await passwords.verify(user?.password_hash, password);
      if (!user || !matches || user.status !== 'active') throw new AppError('auth.invalid');
      throttle.refund(username, ip);
      const at = now();
      const sessionId = randomBytes(16).toString('base64url');
      const refreshToken = newToken();
      await database.transaction(async (tx) => {
        await insertSession(tx, {
          id: sessionId,
          userId: user.id,
          ip,
          userAgent: userAgent.slice(0, 300),
          at,
          expiresAt: new Date(at.getTime() + IDLE_MS),
        });
        await insertRefreshToken(tx, sha256(refreshToken), sessionId, at);
      });
      const accessToken = tokens.sign({ userId: user.id, sessionId });
      return { accessToken, expiresIn: ACCESS_TOKEN_S, refreshToken };
    },

    async refresh(refreshToken) {
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
      await close(sessionId, 'refresh token used twice');
      throw new AppError('auth.reused');
    },

    async logout(refreshToken, sessionId) {
      const ofToken =
        refreshToken === undefined ? undefined : await sessionOfToken(database, sha256(refreshToken));
      for (const id of new Set([ofToken, sessionId])) if (id !== undefined) await close(id, 'signed out');
    },

    async revokeUser(userId, reason, exceptSessionId) {
      const ended = await revokeSessionsOf(database, userId, reason, now(), exceptSessionId ?? null);
      for (const sessionId of ended) bus.emit('user.revoked', { userId, sessionId });
    },

    async authenticate(token) {
      const { userId, sessionId } = tokens.verify(token);
      const caller = await callers.load(sessionId);
      if (!caller) throw new AppError('auth.expired');
      if (caller.userId !== userId) throw new AppError('auth.required');
      return caller;
    },

    current: callers.current,
    forgetOldTokens: () => forgetTokensBefore(database, new Date(clock.now() - KEEP_TOKENS_MS)),
  };
}
