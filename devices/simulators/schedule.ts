import { hash01, hashText } from './noise.ts';

/**
 * The next moment after `afterMs` at which a device sends: every `intervalS`, each device at its own beat, so that a
 * hundred of them do not all speak in the same second.
 */
export function nextSendMs(seed: number, deviceId: string, intervalS: number, afterMs: number): number {
  const intervalMs = intervalS * 1000;
  const beatMs = Math.floor(hash01(seed, hashText(deviceId)) * intervalMs);
  return Math.floor((afterMs - beatMs) / intervalMs + 1) * intervalMs + beatMs;
}
