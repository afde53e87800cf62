import type { QualityCode } from './quality.ts';

/** What a decoder hands to the pipeline: one moment of one device, values still in the device's units. */
export interface DecodedReading {
  /** As sent: ISO 8601 with offset, or epoch milliseconds; absent = time of arrival. */
  ts?: unknown;
  values: Record<string, DecodedValue>;
  /** `[lon, lat]` in degrees, WGS 84, as sent. */
  position?: unknown;
  speedKmh?: number;
  headingDeg?: number;
  accuracyM?: number;
  seq?: number;
}

export interface DecodedValue {
  v: unknown;
  /** As the device spells it; absent = the quantity's canonical unit. */
  unit?: string;
  /** Circular 10/2021 status: `00` measuring, `01` calibrating, `02` device fault. */
  status?: string;
}

/** One value on its way to the database: canonical unit, UTC. */
export interface Observation {
  kind: 'value';
  deviceId: string;
  seriesId: number;
  quantity: string;
  /** Epoch milliseconds, UTC, of the phenomenon. */
  timeMs: number;
  value: number;
  quality: QualityCode;
  areaId: string | null;
  /** `[lon, lat]`, null when the device has no place. */
  position: LonLat | null;
}

/** One fix of a moving device on its way to the database. */
export interface PositionFix {
  kind: 'position';
  deviceId: string;
  seriesId: number;
  timeMs: number;
  lon: number;
  lat: number;
  speedKmh: number | null;
  headingDeg: number | null;
  accuracyM: number | null;
  areaId: string | null;
  /** The unit this tracker belongs to, if any. */
  unitId: string | null;
}

/** The series under which a mover's fixes are kept; no value may take this name. */
export const POSITION_SERIES = { quantity: 'position', unit: 'deg' } as const;

export type Evaluable = Observation | PositionFix;

/** Degrees, WGS 84. */
export type LonLat = [lon: number, lat: number];
export type Bbox = [west: number, south: number, east: number, north: number];
