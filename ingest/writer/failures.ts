import { type ErrorCode, isAppError } from '../../core/errors.ts';

/**
 * What a failed batch calls for:
 * - `duplicate`: rows that are there already; again with ON CONFLICT
 * - `refused`: something in the batch cannot be stored; find it
 * - `wait`: the database cannot take anything now; keep the batch and try again, for ever
 */
export type FailureKind = 'duplicate' | 'refused' | 'wait';

const UNIQUE_VIOLATION = '23505';
const DISK_FULL = '53100';
/** Data exceptions, integrity violations, and exceptions that our own triggers raise. */
const REFUSED = /^(22|23|P0001|42501)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Errors of the driver and of the socket, which have no SQLSTATE. */
const CONNECTION =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_|ERR_STREAM)|Connection terminated|connection error|timeout exceeded|read timeout|Client was closed|premature close/i;

export function failureKind(error: unknown, copied: boolean): FailureKind {
  if (isAppError(error) && error.retryable) return 'wait';
  const state = sqlStateOf(error);
  if (state !== undefined) {
    if (state === UNIQUE_VIOLATION && copied) return 'duplicate';
    return REFUSED.test(state) ? 'refused' : 'wait';
  }
  // Not the database's: a fault of ours, in one of the rows or effects. Anything but blocking everybody for ever.
  return CONNECTION.test(codeOf(error)) || CONNECTION.test(messageOf(error)) ? 'wait' : 'refused';
}

/** Two transactions met (serialization, deadlock, lock timeout): no outage unless it happens again. */
export function isCollision(error: unknown): boolean {
  return /^(40|55P03)/.test(sqlStateOf(error) ?? '');
}

/** The code under which an outage is shown and answered. */
export function outageCode(error: unknown): ErrorCode {
  if (isAppError(error, 'storage.full') || sqlStateOf(error) === DISK_FULL) return 'storage.full';
  return 'db.unavailable';
}

export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(isAppError(error) ? error.cause : error);
  return SQLSTATE.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
