import type { CameraReason } from '../core/camera-reasons.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';

/** Why a picture did not come. Stored with the camera's state, so the words stay as they are. */
export type FailureCode = Exclude<CameraReason, 'flapping'>;

/** Travels inside `streams/` only; the face turns it into an `AppError`. The detail never holds a secret. */
export class MediaFailure extends Error {
  readonly code: FailureCode;
  readonly detail: string;

  constructor(code: FailureCode, detail: string) {
    super(`${detail} (${code})`);
    this.name = 'MediaFailure';
    this.code = code;
    this.detail = detail;
  }
}

export function asFailure(error: unknown, otherwise: FailureCode = 'crashed'): MediaFailure {
  if (error instanceof MediaFailure) return error;
  return new MediaFailure(otherwise, error instanceof Error ? error.message : String(error));
}

const APP_CODES: Partial<Record<FailureCode, ErrorCode>> = {
  auth_failed: 'camera.auth_failed',
  address_refused: 'camera.address_refused',
  redirect_refused: 'camera.address_refused',
  invalid_source: 'request.invalid',
  busy: 'request.too_many',
  media_off: 'camera.media_off',
};

/** The error that a caller outside `streams/` sees for a failure. */
export function toAppError(failure: MediaFailure, data: Record<string, unknown> = {}): AppError {
  return new AppError(APP_CODES[failure.code] ?? 'camera.unreachable', {
    detail: failure.detail,
    data: { reason: failure.code, ...data },
  });
}

/** What an RTSP status (RFC 2326 §11) that is neither success nor a challenge says about the camera. */
export function refusalOf(status: number): FailureCode {
  if (status === 404 || status === 410 || status === 454) return 'not_found';
  return status >= 500 ? 'unreachable' : 'unsupported';
}
