import type { Device } from '../../core/api/devices.ts';

/** A device may be this much late before anybody calls it so: networks hold messages back. */
const MIN_GRACE_S = 5;
const MAX_GRACE_S = 300;
const LATE_INTERVALS = 3;

/**
 * How a device is doing, from when something last arrived and how often it should send.
 * `online` within one interval and a grace of half of it (5 s … 5 min), `late` within three, then `offline`.
 */
export function deviceState(device: {
  enabled: boolean;
  lastReceivedMs: number | null;
  expectedIntervalS: number;
  nowMs: number;
}): Device['state'] {
  if (!device.enabled) return 'disabled';
  if (device.lastReceivedMs === null) return 'never';
  const ageS = (device.nowMs - device.lastReceivedMs) / 1000;
  const graceS = Math.min(MAX_GRACE_S, Math.max(MIN_GRACE_S, device.expectedIntervalS / 2));
  if (ageS <= device.expectedIntervalS + graceS) return 'online';
  return ageS <= LATE_INTERVALS * device.expectedIntervalS + graceS ? 'late' : 'offline';
}
