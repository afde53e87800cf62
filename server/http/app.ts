import { randomUUID } from 'node:crypto';
import compression from 'compression';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { type Clock, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can } from '../../core/permissions.ts';
import type { Logger, Sessions } from '../../core/ports.ts';
import { refuseCrowds } from './crowd.ts';
import { mountDocs } from './docs.ts';
import { DATA_POLICY, securityHeaders } from './headers.ts';
import { jsonBody } from './json-body.ts';
import { type MarkedRequest, refuseMarked } from './marked.ts';
import { openApi } from './openapi.ts';
import { isAllowedHost, isForeignPage, isOneAddress } from './origin.ts';
import { invalid, problemHandler } from './problem.ts';
import { createRate, type Rate, type RateOptions } from './rate.ts';
import type { Route } from './route.ts';
import { mountSecurityTxt, type SecurityContact } from './security-txt.ts';
import { refuseUnstorable } from './storable.ts';

export interface HttpOptions {
  routes: readonly Route[];
  logger: Logger;
  version: string;
  /** Resolves the bearer token of a request to a caller; throws `auth.*`. */
  authenticate: Sessions['authenticate'];
  /** Default the system's. */
  clock?: Clock;
  /** Checks a device's Basic credential; undefined = refused. */
  authenticateDevice(username: string, password: string): Promise<string | undefined>;
  /** Host names under which the product may be reached (DNS-rebinding guard); loopback names are always allowed. */
  allowedHosts: readonly string[];
  /** How often a person, or an address that nobody signed in from, may ask; absent = as often as they like. */
  rate?: RateOptions & { isFree(caller: Caller): boolean };
  /** Who to tell of a weakness, for `/.well-known/security.txt`; without contacts there is none. */
  securityContact?: SecurityContact;
  /** Told of requests that were refused for the mark of a state secret; nothing of their content is told. */
  marked?(request: MarkedRequest): void;
  /** Told of what is about to be answered to a person's GET; when it rejects, that is the answer. */
  beforeAnswer?(caller: Caller, path: string, answer: unknown): Promise<void>;
  /** Mounted before the API: health, metrics, static console, docs. */
  mount?(app: Express): void;
}

export const API_PREFIX = '/api/v1';
const DEFAULT_BODY_LIMIT = 256 * 1024;
/** Where passwords and codes are tried: one room for all of them. */
const DOORS = ['/auth/login', '/auth/second-factor', '/auth/passkey'];
const MAX_SIGNING_IN = 40;
const REFUSE_AFTER_MS = 5000;

/** Puts the route table behind Express: headers, authentication, parsing, permission, handler, problem+json. */
export function createHttpApp(options: HttpOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.use((_req, res, next) => {
    res.locals.requestId = randomUUID();
    res.setHeader('X-Request-Id', res.locals.requestId);
    next();
  });
  app.use(...securityHeaders());
  const signingIn = refuseCrowds(MAX_SIGNING_IN, REFUSE_AFTER_MS);
  app.use(hostGuard(options.allowedHosts), originGuard);
  for (const path of DOORS) app.post(API_PREFIX + path, signingIn);
  app.use(compression({ filter: isCompressible }));
  options.mount?.(app);
  mountDocs(app);
  if (options.securityContact) mountSecurityTxt(app, options.securityContact);

  // Answers are for one person at one moment; routes whose answers may be kept say so themselves.
  app.use(API_PREFIX, (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Content-Security-Policy', DATA_POLICY);
    next();
  });

  const document = openApi(options.routes, { title: 'Hải Đăng', version: options.version });
  app.get(`${API_PREFIX}/openapi.json`, (_req, res) => {
    res.setHeader('Cache-Control', 'no-cache');
    res.json(document);
  });
  const rate = options.rate && createRate(options.rate);
  for (const entry of options.routes) {
    const handlers: RequestHandler[] = [
      authorise(entry, options, rate),
      ...refuseMarked(entry, bodyParser(entry), options.marked),
      run(entry, options),
    ];
    app[entry.method](API_PREFIX + entry.path, ...handlers);
  }
  for (const [path, methods] of methodsByPath(options.routes))
    app.all(API_PREFIX + path, otherMethod(methods));
  app.use((_req, _res, next) => next(new AppError('request.not_found')));
  app.use(problemHandler(options.logger));
  return app;
}

/** `GET /healthz` and so on: every address that is answered besides the route table. */
export function otherAddresses(app: Express): string[] {
  return app.router.stack.flatMap(({ route }) =>
    !route || String(route.path).startsWith(`${API_PREFIX}/`)
      ? []
      : route.stack.map(({ method }) => `${method?.toUpperCase() ?? 'ALL'} ${route.path}`),
  );
}

/** Tiles shrink by half; the filter of the middleware does not know their type. */
function isCompressible(req: Request, res: Response): boolean {
  return (
    res.getHeader('Content-Type') === 'application/vnd.mapbox-vector-tile' || compression.filter(req, res)
  );
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, method } of routes)
    byPath.set(path, [...(byPath.get(path) ?? []), method.toUpperCase()]);
  return byPath;
}

/** Comes after every route: who gets here asked for a known address in a way it does not have. */
function otherMethod(methods: readonly string[]): RequestHandler {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (req, res) => {
    res.setHeader('Allow', allow);
    // Says what the address has, and nothing about other origins: there is no cross-origin use.
    if (req.method !== 'OPTIONS') throw new AppError('request.method');
    res.status(204).end();
  };
}

function hostGuard(allowed: readonly string[]): RequestHandler {
  return (req, res, next) => {
    if (!isOneAddress(req)) {
      // Where this request ends is as doubtful as where it goes: nothing more is read from this connection.
      res.setHeader('Connection', 'close');
      throw new AppError('request.invalid', { detail: 'exactly one host is expected' });
    }
    next(
      isAllowedHost(req, allowed) ? undefined : new AppError('auth.origin', { detail: 'unknown host name' }),
    );
  };
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Nothing is changed at the wish of a page that is not ours, whatever credential its request carries. */
const originGuard: RequestHandler = (req, _res, next) =>
  next(!SAFE_METHODS.has(req.method) && isForeignPage(req) ? new AppError('auth.origin') : undefined);

function authorise(entry: Route, options: HttpOptions, rate: Rate | undefined): RequestHandler {
  return async (req, res, next) => {
    if (entry.access === 'public') {
      rate?.take(`address ${req.ip}`);
      return next();
    }
    if (entry.access === 'device') {
      res.locals.caller = { deviceId: await deviceOf(req, options) };
      return next();
    }
    const found = await whoAsks(req, options).catch((error: unknown) => {
      // A token that is none counts for the address, as no token does.
      rate?.take(`address ${req.ip}`);
      throw error;
    });
    res.locals.username = found.username;
    if (!options.rate?.isFree(found)) rate?.take(`person ${found.userId}`);
    const caller = ready(entry, found);
    if (entry.access !== 'authenticated' && !can(caller, entry.access)) throw new AppError('auth.forbidden');
    const nowMs = (options.clock ?? systemClock).now();
    if (entry.stepUp && (caller.provedUntilMs ?? 0) <= nowMs) throw new AppError('auth.step_up');
    const origin = { ip: req.ip ?? '', requestId: String(res.locals.requestId) };
    res.locals.caller = { ...caller, origin };
    next();
  };
}

async function whoAsks(req: Request, options: HttpOptions): Promise<Caller> {
  const header = req.headers.authorization ?? '';
  if (!header.startsWith('Bearer ')) throw new AppError('auth.required');
  const background = req.headers['x-background'] !== undefined;
  return await options.authenticate(header.slice(7), { ip: req.ip ?? '', background });
}

/** The caller as this route may take them; throws when their session must do something else first. */
function ready(entry: Route, caller: Caller): Caller {
  const { needs, whenUnlocked = [] } = caller;
  if (needs !== undefined && !entry.evenIf?.includes(needs)) {
    if (needs === 'unlock') throw new AppError('auth.locked');
    throw new AppError('auth.incomplete', { data: { needs } });
  }
  return needs === 'unlock' ? { ...caller, grants: whenUnlocked } : caller;
}

async function deviceOf(req: Request, options: HttpOptions): Promise<string> {
  const header = req.headers.authorization ?? '';
  if (!header.startsWith('Basic ')) throw new AppError('auth.required');
  const text = Buffer.from(header.slice(6), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const deviceId =
    colon < 0 ? undefined : await options.authenticateDevice(text.slice(0, colon), text.slice(colon + 1));
  if (deviceId === undefined) throw new AppError('auth.invalid');
  return deviceId;
}

function bodyParser(entry: Route): RequestHandler[] {
  const limit = entry.bodyLimit ?? DEFAULT_BODY_LIMIT;
  if (entry.rawBody) return [express.raw({ type: () => true, limit, inflate: false })];
  return entry.body ? jsonBody(limit) : [];
}

function run(entry: Route, { beforeAnswer }: HttpOptions): RequestHandler {
  const isPersons = entry.method === 'get' && entry.access !== 'public' && entry.access !== 'device';
  return async (req, res) => {
    const part = (schema: z.ZodType | undefined, value: unknown, where: string) => {
      if (!schema) return undefined;
      if (where !== 'body') refuseUnstorable(value, where);
      const result = schema.safeParse(value ?? {});
      if (!result.success) throw invalid(result.error, where);
      return result.data;
    };
    const answer = await entry.handler({
      params: entry.params ? part(entry.params, req.params, 'path') : (req.params as never),
      query: part(entry.query, req.query, 'query'),
      body: entry.rawBody ? (req.body as never) : part(entry.body, req.body, 'body'),
      caller: res.locals.caller as never,
      req,
      res,
    });
    if (res.headersSent || res.writableEnded) return;
    if (!entry.response) {
      res.status(entry.status ?? 204).end();
      return;
    }
    if (isPersons)
      await beforeAnswer?.(res.locals.caller as Caller, req.path.slice(API_PREFIX.length), answer);
    res.status(entry.status ?? 200).json(answer);
  };
}
