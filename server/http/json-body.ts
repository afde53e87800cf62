import express, { type RequestHandler } from 'express';
import { AppError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { refuseUnstorable } from './storable.ts';

const JSON_TYPES = ['application/json', 'application/*+json'];
/** Twice what the deepest thing of ours needs, a collection of areas of many parts. */
const MAX_DEPTH = 32;
const ESCAPE = '\\u';

/** The body of a request as JSON, at most `limit` bytes, taken strictly: `core/json.ts` says what is refused. */
export function jsonBody(limit: number): RequestHandler[] {
  return [onlyJson, express.raw({ type: JSON_TYPES, limit, inflate: false }), parse];
}

/**
 * A form or plain text is what a foreign page may send without asking; taken as an empty body it would reach
 * handlers that need none. JSON is UTF-8 (RFC 8259), whatever a header says.
 */
const onlyJson: RequestHandler = (req, _res, next) => {
  const { 'content-length': length, 'transfer-encoding': chunked, 'content-type': type = '' } = req.headers;
  const isEmpty = chunked === undefined && Number(length ?? 0) === 0;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1] ?? 'utf-8';
  const isText = req.is(JSON_TYPES) && /^utf-?8$/i.test(charset);
  next(isEmpty || isText ? undefined : new AppError('request.unsupported'));
};

const parse: RequestHandler = (req, _res, next) => {
  const bytes: unknown = req.body;
  req.body = Buffer.isBuffer(bytes) && bytes.length > 0 ? strict(bytes) : undefined;
  next();
};

function strict(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = parseJson(bytes, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('request.invalid', { detail: `body: ${error.detail ?? 'not JSON'}`, cause: error });
  }
  // UTF-8 can hold neither; they come only as escapes, which few bodies have.
  if (bytes.includes(ESCAPE)) refuseUnstorable(value, 'body');
  return value;
}
