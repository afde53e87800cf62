import type { Clock } from '../../core/clock.ts';
import type { Light } from '../health-light.ts';

/** Two programs with one credential may take it from each other this often, not in a tight loop. */
const EVERY_MS = 1000;
const WINDOW_MS = 60_000;
/** So many takeovers of one credential within a minute are shown as a fault. */
const SHOWN_FROM = 3;

/**
 * Decides whether a second connection with a credential may take over from the first. The newer one wins, as MQTT
 * has it, but at most once a second; a credential that keeps wandering is probably used in two places.
 */
export class Takeovers {
  readonly #clock: Clock;
  readonly #light: Light;
  readonly #past = new Map<string, { lastMs: number; windowMs: number; count: number }>();

  constructor(clock: Clock, light: Light) {
    this.#clock = clock;
    this.#light = light;
  }

  allow(credential: string): boolean {
    const nowMs = this.#clock.monotonic();
    const past = this.#past.get(credential);
    if (past && nowMs - past.lastMs < EVERY_MS) return false;
    if (past && nowMs - past.windowMs <= WINDOW_MS) {
      past.lastMs = nowMs;
      past.count++;
      if (past.count >= SHOWN_FROM) this.#show(credential);
    } else {
      this.#forget(nowMs);
      this.#past.set(credential, { lastMs: nowMs, windowMs: nowMs, count: 1 });
    }
    return true;
  }

  #show(credential: string): void {
    this.#light.fault('degraded', 'request.conflict', {
      vi: `Thông tin đăng nhập ${credential} đang được dùng ở hai nơi`,
      en: `The credential ${credential} is used in two places`,
    });
  }

  #forget(nowMs: number): void {
    for (const [credential, { lastMs }] of this.#past) {
      if (nowMs - lastMs > WINDOW_MS) this.#past.delete(credential);
    }
  }
}
