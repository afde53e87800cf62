import type { Alert } from '../../core/api/alerts.ts';
import type { Area } from '../../core/api/areas.ts';
import type { Camera } from '../../core/api/cameras.ts';
import type { Device, LatestValue } from '../../core/api/devices.ts';
import type { Dispatch, Unit } from '../../core/api/dispatch.ts';
import type { LatestEvent, UnitPositionEvent } from '../../core/events.ts';
import { type QualityName, qualityName } from '../../core/quality.ts';
import type { LonLat } from '../../core/reading.ts';
import { createEntities } from './entities.ts';

/** Open alarms only; a closed one leaves. The younger sequence wins, whichever way it came. */
export const useAlerts = createEntities<number, Alert>({
  keyOf: (alert) => alert.id,
  newer: (present, arriving) => (arriving.seq > present.seq ? arriving : present),
});

export const useDevices = createEntities<string, Device>({ keyOf: (device) => device.id });
export const useCameras = createEntities<string, Camera>({ keyOf: (camera) => camera.id });
export const useAreas = createEntities<string, Area>({ keyOf: (area) => area.id });

export const useUnits = createEntities<string, Unit>({
  keyOf: (unit) => unit.id,
  newer: (present, arriving) =>
    // A status change carries the position of its moment; a younger fix may have come first.
    timeOf(arriving.positionAt) < timeOf(present.positionAt)
      ? { ...arriving, ...positionOf(present) }
      : arriving,
});

export const useDispatches = createEntities<number, Dispatch>({
  keyOf: (dispatch) => dispatch.id,
  newer: (present, arriving) => (timeOf(arriving.updatedAt) < timeOf(present.updatedAt) ? present : arriving),
});

/** One value of one device as the console keeps it. */
export interface Reading {
  quantity: string;
  unit: string;
  value: number;
  timeMs: number;
  quality: QualityName;
}

/** All latest values of one device; for movers also where they were taken. */
export interface DeviceReadings {
  deviceId: string;
  readings: Readonly<Record<string, Reading>>;
  position: Readonly<LonLat> | null;
  /** Time of the youngest value. */
  timeMs: number;
}

export const useLatest = createEntities<string, DeviceReadings>({
  keyOf: (entry) => entry.deviceId,
  newer: mergeReadings,
});

function mergeReadings(present: DeviceReadings, arriving: DeviceReadings): DeviceReadings {
  let readings: Record<string, Reading> | undefined;
  for (const [quantity, reading] of Object.entries(arriving.readings)) {
    const known = present.readings[quantity];
    if (known && known.timeMs >= reading.timeMs) continue;
    readings ??= { ...present.readings };
    readings[quantity] = reading;
  }
  if (!readings) return present;
  const younger = arriving.timeMs >= present.timeMs ? arriving : present;
  return {
    deviceId: present.deviceId,
    readings,
    position: younger.position ?? present.position,
    timeMs: younger.timeMs,
  };
}

export function readingsFromRest(rows: readonly LatestValue[]): DeviceReadings[] {
  return group(
    rows.map((row) => ({
      deviceId: row.deviceId,
      position: row.position,
      reading: {
        quantity: row.quantity,
        unit: row.unit,
        value: row.value,
        timeMs: timeOf(row.time),
        quality: row.quality,
      },
    })),
  );
}

export function readingsFromLive(rows: readonly LatestEvent[]): DeviceReadings[] {
  return group(
    rows.map((row) => ({
      deviceId: row.deviceId,
      position: row.position,
      reading: {
        quantity: row.quantity,
        unit: row.unit,
        value: row.value,
        timeMs: row.timeMs,
        quality: qualityName(row.quality),
      },
    })),
  );
}

function group(
  rows: readonly { deviceId: string; position: Readonly<LonLat> | null; reading: Reading }[],
): DeviceReadings[] {
  const byDevice = new Map<string, DeviceReadings>();
  for (const { deviceId, position, reading } of rows) {
    const entry: DeviceReadings = {
      deviceId,
      position,
      timeMs: reading.timeMs,
      readings: { [reading.quantity]: reading },
    };
    const present = byDevice.get(deviceId);
    byDevice.set(deviceId, present ? mergeReadings(present, entry) : entry);
  }
  return [...byDevice.values()];
}

/** Applies fixes to units already known; a fix older than the present one is ignored. */
export function moveUnits(fixes: readonly UnitPositionEvent[]): void {
  const { byId } = useUnits.getState();
  const moved: Unit[] = [];
  for (const fix of fixes) {
    const unit = byId.get(fix.unitId);
    if (!unit || fix.timeMs < timeOf(unit.positionAt)) continue;
    moved.push({
      ...unit,
      position: [fix.lon, fix.lat],
      positionAt: new Date(fix.timeMs).toISOString(),
      speedKmh: fix.speedKmh,
      headingDeg: fix.headingDeg,
      accuracyM: fix.accuracyM,
      areaId: fix.areaId ?? unit.areaId,
    });
  }
  useUnits.put(moved);
}

/** ISO time → epoch ms; nothing counts as the beginning of time. */
export function timeOf(iso: string | null | undefined): number {
  return iso ? Date.parse(iso) : 0;
}

function positionOf(unit: Unit) {
  const { position, positionAt, speedKmh, headingDeg, accuracyM } = unit;
  return { position, positionAt, speedKmh, headingDeg, accuracyM };
}

export function resetEntities(): void {
  for (const store of [useAlerts, useDevices, useCameras, useAreas, useUnits, useDispatches, useLatest])
    store.reset();
}
