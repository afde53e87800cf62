import type { Clock } from '../core/clock.ts';
import type { Light } from './health-light.ts';

/** A device may send so many seconds' worth at once: what it kept while it was offline, for example. */
const BURST_S = 60;
/** Devices remembered; one that is forgotten starts with a full allowance. */
const MAX_DEVICES = 50_000;

interface Bucket {
  left: number;
  atMs: number;
}

/**
 * So many values and fixes a second for each device, counted as they come out of its messages. Nothing is refused for
 * it: a device beyond its allowance is not read from until it is within again, so that one that runs wild takes
 * neither the others' turn nor the disk.
 */
export class SourceQuota {
  readonly #clock: Clock;
  readonly #light: Light;
  readonly #perS: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: { clock: Clock; light: Light; readingsPerS: number }) {
    this.#clock = options.clock;
    this.#light = options.light;
    this.#perS = options.readingsPerS;
  }

  /** Takes readings that were found in a message; answers how long the device should not be read from. */
  take(deviceId: string, readings: number): number {
    const bucket = this.#bucketOf(deviceId);
    bucket.left -= readings;
    const waitMs = this.#waitOf(bucket);
    if (waitMs > 0) {
      this.#light.fault('degraded', 'request.too_many', {
        vi: `Thiết bị ${deviceId} gửi hơn ${this.#perS} số liệu mỗi giây nên được nhận chậm lại`,
        en: `Device ${deviceId} sends more than ${this.#perS} readings a second and is taken more slowly`,
      });
    }
    return waitMs;
  }

  /** How long a device that can be told should wait; 0 = it may send. */
  waitMs(deviceId: string): number {
    return this.#waitOf(this.#bucketOf(deviceId));
  }

  #waitOf({ left }: Bucket): number {
    return left >= 0 ? 0 : Math.ceil((-left / this.#perS) * 1000);
  }

  #bucketOf(deviceId: string): Bucket {
    const nowMs = this.#clock.monotonic();
    const full = this.#perS * BURST_S;
    const known = this.#buckets.get(deviceId);
    if (known) {
      known.left = Math.min(full, known.left + ((nowMs - known.atMs) / 1000) * this.#perS);
      known.atMs = nowMs;
      return known;
    }
    if (this.#buckets.size >= MAX_DEVICES) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    const fresh = { left: full, atMs: nowMs };
    this.#buckets.set(deviceId, fresh);
    return fresh;
  }
}
