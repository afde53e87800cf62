import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Problem } from '../../core/api/common.ts';
import { AppError, ERRORS, type ErrorCode } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';

/** An error as RFC 9457 problem details. Unknown errors become `internal`: nothing of them is shown. */
function toProblem(error: unknown, requestId: string): Problem {
  const known = asAppError(error);
  return {
    type: `https://haidang.invalid/errors/${known.code}`,
    title: ERRORS[known.code].en,
    status: known.status,
    code: known.code,
    ...(known.detail === undefined ? {} : { detail: known.detail }),
    ...(known.data === undefined ? {} : { data: known.data }),
    requestId,
  };
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) return invalid(error);
  // body-parser and express mark their own errors with a status below 500.
  if (typeof error === 'object' && error !== null && 'type' in error) {
    if (error.type === 'entity.too.large') return new AppError('request.too_large');
    if (error.type === 'entity.parse.failed')
      return new AppError('request.invalid', { detail: 'the body is not JSON' });
    if (error.type === 'encoding.unsupported' || error.type === 'charset.unsupported') {
      return new AppError('request.unsupported');
    }
    if (error.type === 'request.aborted')
      return new AppError('request.invalid', { detail: 'the request was cut off' });
  }
  if (error instanceof URIError)
    return new AppError('request.invalid', { detail: 'the address is not valid' });
  // What serves files says 404 for one that is gone and 400 for a name that is none.
  if (typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number') {
    if (error.status === 404) return new AppError('request.not_found');
    if (error.status >= 400 && error.status < 500) return new AppError('request.invalid');
  }
  return new AppError('internal', { cause: error });
}

/** What a schema refused, field by field. */
export function invalid(error: z.ZodError, where?: string): AppError {
  const issues = error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [first] = issues;
  const place = [where, first?.path].filter(Boolean).join('.');
  return new AppError('request.invalid', {
    detail: `${place ? `${place}: ` : ''}${first?.message ?? 'invalid'}`,
    data: { issues },
  });
}

function sendProblem(res: Response, error: unknown, requestId: string): void {
  const problem = toProblem(error, requestId);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (problem.status === 503 || problem.status === 429) res.setHeader('Retry-After', '2');
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Somebody asked for what is not theirs, or as somebody they are not. A token that is over is no such thing. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  'auth.forbidden',
  'auth.origin',
  'auth.invalid',
  'auth.too_many',
  'request.too_many',
]);

export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const requestId = String(res.locals.requestId ?? '');
    const problem = toProblem(error, requestId);
    if (problem.code === 'internal') {
      const stack = error instanceof Error ? error.stack : String(error);
      logger.error({ requestId, method: req.method, path: req.path, stack }, 'request failed');
    } else if (REFUSALS.has(problem.code)) {
      const by = { user: res.locals.username, ip: req.ip };
      logger.warn({ requestId, code: problem.code, method: req.method, path: req.path, ...by }, 'refused');
    }
    sendProblem(res, error, requestId);
  };
}
