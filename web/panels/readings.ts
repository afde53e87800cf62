import type { DeviceReadings, Reading } from '../state/index.ts';

/** A device's own well-being comes after what it is for. */
const LAST = new Set(['battery', 'signal']);

/** The readings of a device, what it is for first. */
export function readingsOf(entry: DeviceReadings | undefined): Reading[] {
  const rank = (reading: Reading) => (LAST.has(reading.quantity) ? 1 : 0);
  return Object.values(entry?.readings ?? {}).sort((a, b) => rank(a) - rank(b));
}
