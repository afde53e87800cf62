import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type {
  AreaLocator,
  DeviceDirectory,
  DeviceRecord,
  Effect,
  IntakeMessage,
  IntakeReceipt,
  RuleEngine,
} from '../../core/ports.ts';
import type { DecodedReading, Evaluable, LonLat } from '../../core/reading.ts';
import type { DeviceType, DeviceTypes } from '../../devices/index.ts';
import type { IngestSettings } from '../settings.ts';
import type { Arrivals } from './arrivals.ts';
import type { SeriesMemory } from './series-memory.ts';

/** One value or fix on its way through the stages. */
export interface Item {
  row: Evaluable;
  /** Unit of the series; the row's value is in it once `normalise` is through. */
  unit: string;
  /** Analyser state as sent, until `validate` turns it into a quality. */
  status: string | undefined;
  /** Index of the reading in the message: for reasons, and for values that share a fix. */
  reading: number;
  receivedAtMs: number;
  /** Newer than all that came before in its series: may be evaluated and become the latest value. */
  live: boolean;
  effects: readonly Effect[];
}

/** Shared by all items that no rule has anything to say about. */
export const NO_EFFECTS: readonly Effect[] = [];

/** A part of a message that cannot be stored. */
export interface Refusal {
  code: ErrorCode;
  reason: string;
  /** Where in the message, for example `readings[3].values.pm25`; empty = all of it. */
  part: string;
}

/** One message on its way through the stages. */
export interface Job {
  readonly message: IntakeMessage;
  readonly settle: (receipt: IntakeReceipt) => void;
  device: DeviceRecord | undefined;
  type: DeviceType | undefined;
  readings: readonly DecodedReading[];
  /** Places as sent, by the index of their reading. */
  places: Map<number, LonLat>;
  items: Item[];
  refusals: Refusal[];
  /** Exact repeats that were dropped from memory. */
  duplicates: number;
  /** Values and fixes that were found in the message, and those of them that were refused: they must add up. */
  parts: number;
  refusedParts: number;
}

/** What the stages may use. */
export interface StageContext {
  devices: DeviceDirectory;
  deviceTypes: DeviceTypes;
  series: SeriesMemory;
  /** Makes a series; waits until the database can. */
  resolveSeries(deviceId: string, quantity: string, unit: string): Promise<number>;
  areas: AreaLocator;
  rules: Pick<RuleEngine, 'evaluate'>;
  /** Last known place of each mover. */
  places: Map<string, { place: LonLat; areaId: string | null }>;
  arrivals: Arrivals;
  clock: Clock;
  /** Told about rules that throw. */
  ruleFault(deviceId: string, error: unknown): void;
  settings: IngestSettings;
  /** Hands the finished job to the writer. */
  write(job: Job): void;
}

/** Works on the job: narrows it, fans it out or refuses parts. Throws to refuse the whole message. */
export type StageRun = (job: Job, context: StageContext) => void | Promise<void>;

export function newJob(message: IntakeMessage, settle: (receipt: IntakeReceipt) => void): Job {
  return {
    message,
    settle,
    device: undefined,
    type: undefined,
    readings: [],
    places: new Map(),
    items: [],
    refusals: [],
    duplicates: 0,
    parts: 0,
    refusedParts: 0,
  };
}

/** Name of a reading, or of something in it, inside its message. */
function partName(job: Job, reading: number, inner = ''): string {
  const outer = job.readings.length > 1 ? `readings[${reading}]` : '';
  return outer === '' ? inner : inner === '' ? outer : `${outer}.${inner}`;
}

/** One row about something refused; `parts` = how many values and fixes it stands for, when not counted already. */
export function refuse(
  job: Job,
  reading: number,
  inner: string,
  code: ErrorCode,
  reason: string,
  parts = 1,
): void {
  job.refusedParts += parts;
  job.refusals.push({ code, reason, part: partName(job, reading, inner) });
}

/** The device of a job that has passed `identify`. */
export function deviceOf(job: Job): DeviceRecord {
  if (!job.device) throw new Error('the device of this message is not identified');
  return job.device;
}
