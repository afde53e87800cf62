import type { Request, Response } from 'express';
import { z } from 'zod';
import {
  LoginRequest,
  Me,
  PasswordChange,
  RoleDto,
  TokenResponse,
  User,
  UserCreate,
  UserCreated,
  UserPatch,
} from '../../core/api/auth.ts';
import { PageQuery, page } from '../../core/api/common.ts';
import { AppError, isAppError } from '../../core/errors.ts';
import type { RoleBook } from '../../core/roles.ts';
import { API_PREFIX, decodeCursor, encodeCursor, isOwnOrigin, type Route, route } from '../http/index.ts';
import type { Users } from './service.ts';
import { IDLE_MS, type Sessions, type SignedIn } from './sessions.ts';

const COOKIE_PATH = `${API_PREFIX}/auth`;
const Id = z.object({ id: z.string().max(64) });

/** Sign-in, the account behind the token, and the accounts. */
export function accountRoutes(options: { sessions: Sessions; users: Users; roles: RoleBook }): Route[] {
  const { sessions, users, roles } = options;
  const roleList = [...roles.values()].map((role) => ({ ...role, permissions: [...role.permissions] }));

  const answer = (req: Request, res: Response, { refreshToken, ...body }: SignedIn) => {
    res.cookie(cookieName(req), refreshToken, { ...cookieOptions(req), maxAge: IDLE_MS });
    res.setHeader('Cache-Control', 'no-store');
    return body;
  };

  return [
    route({
      method: 'post',
      path: '/auth/login',
      summary: 'Sign in; the refresh token comes as an HttpOnly cookie',
      tag: 'auth',
      access: 'public',
      body: LoginRequest,
      response: TokenResponse,
      async handler({ body, req, res }) {
        refuseForeignOrigin(req);
        const client = { ip: req.ip ?? '', userAgent: req.headers['user-agent'] ?? '' };
        return answer(req, res, await sessions.login(body.username, body.password, client));
      },
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      summary: 'Trade the refresh cookie for a new access token; each cookie works once',
      tag: 'auth',
      access: 'public',
      response: TokenResponse,
      async handler({ req, res }) {
        requireOwnPage(req);
        const token = cookieOf(req);
        if (token === undefined) throw new AppError('auth.required');
        try {
          return answer(req, res, await sessions.refresh(token));
        } catch (error) {
          if (isAppError(error) && error.status === 401) res.clearCookie(cookieName(req), cookieOptions(req));
          throw error;
        }
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      summary: 'Close the session of the refresh cookie and of the bearer token',
      tag: 'auth',
      access: 'public',
      response: null,
      async handler({ req, res }) {
        requireOwnPage(req);
        const bearer = req.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
        // An access token that has ended is no reason not to sign out.
        const caller =
          bearer === undefined ? undefined : await sessions.authenticate(bearer).catch(() => undefined);
        await sessions.logout(cookieOf(req), caller?.sessionId);
        res.clearCookie(cookieName(req), cookieOptions(req));
      },
    }),
    route({
      method: 'get',
      path: '/me',
      summary: 'Who am I, and what may I do',
      tag: 'auth',
      access: 'authenticated',
      response: Me,
      handler: ({ caller }) => users.me(caller),
    }),
    route({
      method: 'post',
      path: '/me/password',
      summary: 'Change my password; my other sessions end',
      tag: 'auth',
      access: 'authenticated',
      body: PasswordChange,
      response: null,
      handler: ({ caller, body }) => users.changePassword(caller, body.current, body.next),
    }),
    route({
      method: 'get',
      path: '/roles',
      summary: 'The roles and what each allows',
      tag: 'access',
      access: 'authenticated',
      response: z.object({ items: z.array(RoleDto) }),
      handler: async () => ({ items: roleList }),
    }),
    route({
      method: 'get',
      path: '/users',
      summary: 'Accounts within my own grants',
      tag: 'users',
      access: 'users.read',
      query: PageQuery,
      response: page(User),
      async handler({ caller, query }) {
        const [after] = decodeCursor(query.cursor, ['string']) ?? [''];
        const { users: items, last } = await users.list(caller, String(after), query.limit);
        return { items, nextCursor: last === null ? null : encodeCursor([last]) };
      },
    }),
    route({
      method: 'post',
      path: '/users',
      summary: 'Make an account; without a password one is generated and shown this once',
      tag: 'users',
      access: 'users.write',
      body: UserCreate,
      response: UserCreated,
      status: 201,
      handler: ({ caller, body }) => users.create(body, caller),
    }),
    route({
      method: 'patch',
      path: '/users/:id',
      summary: 'Lock or unlock, rename, set a password, replace the grants',
      tag: 'users',
      access: 'users.write',
      params: Id,
      body: UserPatch,
      response: User,
      handler: ({ caller, params, body }) => users.update(params.id, body, caller),
    }),
  ];
}

const isHttps = (req: Request) => req.secure || req.headers['x-forwarded-proto'] === 'https';
const cookieName = (req: Request) => (isHttps(req) ? '__Secure-haidang_refresh' : 'haidang_refresh');
const cookieOptions = (req: Request) =>
  ({ httpOnly: true, sameSite: 'strict', secure: isHttps(req), path: COOKIE_PATH }) as const;

function cookieOf(req: Request): string | undefined {
  const prefix = `${cookieName(req)}=`;
  return (req.headers.cookie ?? '')
    .split(/;\s*/)
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
}

function refuseForeignOrigin(req: Request): void {
  if (!isOwnOrigin(req)) throw new AppError('auth.origin');
}

/**
 * A cookie travels with requests that other sites start. A browser names the origin of every POST; whoever sends
 * none must set a header that no form or image can set.
 */
function requireOwnPage(req: Request): void {
  refuseForeignOrigin(req);
  if (req.headers.origin === undefined && req.headers['x-requested-with'] === undefined)
    throw new AppError('auth.origin', { detail: 'Origin or X-Requested-With is missing' });
}
