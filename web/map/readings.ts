import type { LonLat } from '../../core/reading.ts';
import { type DeviceReadings, type Language, serverNow, useDevices, useLatest } from '../state/index.ts';
import { plateQuantity, plateText } from './styles/plates.ts';

/** Without a known interval a value is called old after this. */
const DEFAULT_STALE_MS = 15 * 60_000;
/** Missed reports before a value is called old. */
const MISSED = 3;

export interface PrimaryReading {
  text: string;
  stale: boolean;
  valid: boolean;
}

/** The one figure shown for a device; `wanted` is the quantity an alarm on it is about. */
export function primaryReading(
  deviceId: string,
  language: Language,
  wanted?: string,
): PrimaryReading | undefined {
  const entry = useLatest.getState().byId.get(deviceId);
  const quantity = entry && plateQuantity(Object.keys(entry.readings), wanted);
  const reading = quantity === undefined ? undefined : entry?.readings[quantity];
  if (!entry || !reading) return undefined;
  const staleAfterMs = staleAfter(entry);
  const nowMs = serverNow();
  const valid = reading.quality === 'good' || reading.quality === 'suspect';
  return {
    text: plateText(reading, nowMs, staleAfterMs, language),
    stale: nowMs - reading.timeMs > staleAfterMs,
    valid,
  };
}

export function primaryText(deviceId: string, language: Language): string | undefined {
  return primaryReading(deviceId, language)?.text;
}

function staleAfter({ deviceId }: DeviceReadings): number {
  const intervalS = useDevices.getState().byId.get(deviceId)?.expectedIntervalS;
  return intervalS ? intervalS * 1000 * MISSED : DEFAULT_STALE_MS;
}

/** Where a device is: a mover's last report, otherwise its registered place. */
export function placeOf(id: string): Readonly<LonLat> | null {
  return useLatest.getState().byId.get(id)?.position ?? useDevices.getState().byId.get(id)?.position ?? null;
}
