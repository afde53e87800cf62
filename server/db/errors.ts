import { AppError } from '../../core/errors.ts';

/** SQLSTATE classes and socket errors that mean: the database is not there now, ask again later. */
const UNAVAILABLE = /^(08|57P0[1-5]|53300|58)/;
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
]);
const DISK_FULL = '53100';

/** Name of the violated constraint, if that is what happened. */
export function violatedConstraint(error: unknown): string | undefined {
  const source = error instanceof AppError ? error.cause : error;
  if (typeof source !== 'object' || source === null || !('code' in source)) return undefined;
  const { code, constraint } = source as { code: unknown; constraint?: unknown };
  return typeof code === 'string' && code.startsWith('23') && typeof constraint === 'string'
    ? constraint
    : undefined;
}

/** SQLSTATE of a database error, if it is one. */
function sqlState(error: unknown): string | undefined {
  const source = error instanceof AppError ? error.cause : error;
  if (typeof source !== 'object' || source === null || !('code' in source)) return undefined;
  const code = (source as { code: unknown }).code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Driver errors become ours; ours pass through; anything else stays what it is, for the caller to explain. */
export function toAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const state = sqlState(error) ?? '';
  if (state === DISK_FULL) return new AppError('storage.full', { cause: error });
  if (
    UNAVAILABLE.test(state) ||
    SOCKET.has(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/.test(
      error.message,
    )
  ) {
    return new AppError('db.unavailable', { cause: error });
  }
  return error;
}
