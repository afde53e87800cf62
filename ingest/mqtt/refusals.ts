import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { type QuarantineRow, storable } from '../writer/entry.ts';

export interface FrontRefusal {
  code: ErrorCode;
  reason: string;
  deviceId: string | null;
  topic: string | null;
  payloadBytes: number;
}

const WINDOW_MS = 60_000;
const MAX_KEYS = 1000;

/**
 * Rows about what the front turned away unread. The first of a kind is written at once; its repeats within a minute
 * are counted and become one row, so that a flood of forbidden topics costs two rows a minute and device.
 */
export class RefusalLog {
  readonly #clock: Clock;
  readonly #write: (rows: QuarantineRow[]) => void;
  readonly #open = new Map<string, { last: FrontRefusal; more: number; cancel: () => void }>();

  constructor(clock: Clock, write: (rows: QuarantineRow[]) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  note(refusal: FrontRefusal): void {
    const own = `${refusal.code} ${refusal.deviceId ?? ''}`;
    // Identities are bounded by the registry, but a flood through many of them must not fill the memory either.
    const key = this.#open.has(own) || this.#open.size < MAX_KEYS ? own : refusal.code;
    const open = this.#open.get(key);
    if (open) {
      open.last = refusal;
      open.more++;
      return;
    }
    this.#open.set(key, {
      last: refusal,
      more: 0,
      cancel: this.#clock.after(WINDOW_MS, () => this.#close(key)),
    });
    this.#write([this.#row(refusal, refusal.reason)]);
  }

  /** Writes what was counted so far. */
  flush(): void {
    for (const [key, { cancel }] of this.#open) {
      cancel();
      this.#close(key);
    }
  }

  #close(key: string): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (!open || open.more === 0) return;
    this.#write([
      this.#row(open.last, `${open.more} more like it within a minute, the last: ${open.last.reason}`),
    ]);
  }

  #row(refusal: FrontRefusal, reason: string): QuarantineRow {
    return {
      id: null,
      receivedAtMs: this.#clock.now(),
      source: 'mqtt',
      deviceId: refusal.deviceId,
      topic: refusal.topic === null ? null : storable(refusal.topic),
      code: refusal.code,
      reason: storable(reason),
      payload: null,
      payloadBytes: refusal.payloadBytes,
    };
  }
}
