import type { DecodedReading } from '../../core/reading.ts';

/** The database's precision. */
const TICK_MS = 0.001;
/** A repeat of a numbered reading comes soon after it or not at all; much later the device has begun to count anew. */
const REPEAT_WITHIN_MS = 600_000;
const REMEMBERED_PER_DEVICE = 32;
const MAX_DEVICES = 50_000;

interface DeviceArrivals {
  lastMs: number;
  /** Number and content of recent readings without a time → the time they were given. */
  numbered: Map<string, number>;
}

/**
 * Times for readings that bring none. A series has one row per moment, so two readings of one device never get the
 * same: the second of one millisecond gets the next microsecond. A numbered reading that comes again, word for word,
 * gets the time it got before, and so is recognised as a repeat.
 */
export class Arrivals {
  readonly #devices = new Map<string, DeviceArrivals>();

  timeOf(deviceId: string, reading: DecodedReading, receivedAtMs: number): number {
    const device = this.#device(deviceId);
    const key = reading.seq === undefined ? undefined : `${reading.seq} ${JSON.stringify(reading)}`;
    const before = key === undefined ? undefined : device.numbered.get(key);
    if (before !== undefined && Math.abs(receivedAtMs - before) < REPEAT_WITHIN_MS) return before;
    const next = Math.round((device.lastMs + TICK_MS) * 1000) / 1000;
    // Only where the last one is close: a step back of the clock must not freeze the device's time.
    const timeMs = receivedAtMs <= device.lastMs && device.lastMs - receivedAtMs < 1000 ? next : receivedAtMs;
    device.lastMs = timeMs;
    if (key !== undefined) remember(device.numbered, key, timeMs, REMEMBERED_PER_DEVICE);
    return timeMs;
  }

  #device(deviceId: string): DeviceArrivals {
    const known = this.#devices.get(deviceId);
    if (known) return known;
    const fresh: DeviceArrivals = { lastMs: Number.NEGATIVE_INFINITY, numbered: new Map() };
    remember(this.#devices, deviceId, fresh, MAX_DEVICES);
    return fresh;
  }
}

/** Adds to a map of bounded size; the oldest entry goes. */
export function remember<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  if (!map.has(key) && map.size >= max) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}
