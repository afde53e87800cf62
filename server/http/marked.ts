import type { Request, RequestHandler } from 'express';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import { isMarked, isMarkedValue, saysStateSecret } from '../../core/state-secret.ts';
import type { Route } from './route.ts';

/** What is told of a refused request: who sent it where and how much, nothing of what stood in it. */
export interface MarkedRequest {
  caller: Caller | { deviceId: string } | undefined;
  method: string;
  path: string;
  bytes: number;
}

/** Says the class of what is sent, for content in which no mark can be found, as scans are. */
const CLASS_HEADER = 'x-data-class';

/**
 * Stands around the reading of a body: what says in a header that it is a state secret is not read at all, and what
 * carries a mark goes no further than the memory of this request.
 */
export function refuseMarked(
  entry: Route,
  parsers: RequestHandler[],
  told: ((request: MarkedRequest) => void) | undefined,
): RequestHandler[] {
  if (parsers.length === 0) return [];
  const refuse = (req: Request, caller: MarkedRequest['caller']) => {
    const bytes = Number(req.headers['content-length'] ?? 0);
    told?.({ caller, method: req.method, path: entry.path, bytes: Number.isFinite(bytes) ? bytes : 0 });
    return new AppError('payload.state_secret');
  };
  const header: RequestHandler = (req, res, next) => {
    const said = req.headers[CLASS_HEADER];
    if (typeof said !== 'string' || !saysStateSecret('class', said)) return next();
    // Its body stays unread, so the connection is of no use to another request.
    res.setHeader('Connection', 'close');
    next(refuse(req, res.locals.caller));
  };
  const content: RequestHandler = (req, res, next) => {
    const body: unknown = req.body;
    if (!(Buffer.isBuffer(body) ? isMarked(body) : isMarkedValue(body))) return next();
    req.body = undefined;
    next(refuse(req, res.locals.caller));
  };
  return [header, ...parsers, content];
}
