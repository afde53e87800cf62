import { AppError } from '../../core/errors.ts';
import type { DecodedReading, DecodedValue } from '../../core/reading.ts';
import { MAX_QUANTITIES, MAX_READINGS } from '../contract.ts';

const MAX_NAME_LENGTH = 64;

type Body = Record<string, unknown>;

/**
 * The standard body, the same over MQTT and HTTP:
 * `{"ts": …, "values": {"pm25": 41.2}, "position": [lon, lat], "speed": km/h, "heading": °, "accuracy": m, "seq": n}`
 * or a batch of those, `{"readings": [ … ]}`. A value is a bare number or `{"v": 41.2, "unit": "ug/m3", "status": "00"}`.
 *
 * Strict about the structure: a wrong one refuses the whole message with `payload.schema`. Tolerant per value: a
 * value of any kind goes on to the pipeline, which refuses just that one. Fields not listed here are ignored, so
 * that a newer device may say more than an older centre understands.
 *
 * `null` stands for absent everywhere but inside `values`. Readings with neither values nor a position are left
 * out; when nothing remains the error is `payload.empty`.
 */
export function decodeStandardBody(payload: unknown): DecodedReading[] {
  return decodeBody(payload, decodeValues);
}

/** The same frame with another way to read `values`. */
export function decodeBody(
  payload: unknown,
  readValues: (values: Body, at: string) => Record<string, DecodedValue>,
): DecodedReading[] {
  const body = asObject(payload, 'message');
  const readings: DecodedReading[] = [];
  if (isPresent(body.readings)) {
    if (isPresent(body.values)) fail('has both values and readings');
    if (!Array.isArray(body.readings)) fail('readings must be an array');
    if (body.readings.length > MAX_READINGS) fail(`more than ${MAX_READINGS} readings in one message`);
    for (const [index, item] of body.readings.entries()) {
      const at = `readings[${index}]`;
      collect(readings, decodeReading(asObject(item, at), at, readValues));
    }
  } else {
    collect(readings, decodeReading(body, 'message', readValues));
  }
  if (readings.length === 0) throw new AppError('payload.empty', { detail: 'no values and no position' });
  return readings;
}

function collect(readings: DecodedReading[], reading: DecodedReading): void {
  if (reading.position !== undefined || Object.keys(reading.values).length > 0) readings.push(reading);
}

function decodeReading(
  body: Body,
  at: string,
  readValues: (values: Body, at: string) => Record<string, DecodedValue>,
): DecodedReading {
  const reading: DecodedReading = {
    values: isPresent(body.values) ? readValues(asObject(body.values, `${at}.values`), at) : {},
  };
  if (isPresent(body.ts)) reading.ts = body.ts;
  if (isPresent(body.position)) reading.position = body.position;
  const speedKmh = knownNumber(body.speed, `${at}.speed`);
  if (speedKmh !== undefined) reading.speedKmh = speedKmh;
  const headingDeg = knownNumber(body.heading, `${at}.heading`);
  if (headingDeg !== undefined) reading.headingDeg = headingDeg % 360;
  const accuracyM = knownNumber(body.accuracy, `${at}.accuracy`);
  if (accuracyM !== undefined) reading.accuracyM = accuracyM;
  if (isPresent(body.seq)) {
    if (!Number.isSafeInteger(body.seq)) fail(`${at}.seq must be an integer within ±2^53`);
    reading.seq = body.seq as number;
  }
  return reading;
}

/** `values` of the standard body, names as sent; whether a quantity is known is the pipeline's question. */
function decodeValues(values: Body, at: string): Record<string, DecodedValue> {
  const names = Object.keys(values);
  if (names.length > MAX_QUANTITIES) tooManyQuantities();
  const decoded: Record<string, DecodedValue> = {};
  for (const name of names) {
    checkName(name, at);
    decoded[name] = decodeValue(values[name]);
  }
  return decoded;
}

/** A bare value, or an object that says more about it. */
export function decodeValue(value: unknown): DecodedValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { v: value };
  const full = value as Body;
  const decoded: DecodedValue = { v: full.v };
  if (isPresent(full.unit)) decoded.unit = shortText(full.unit);
  if (isPresent(full.status)) decoded.status = statusText(full.status);
  return decoded;
}

/** Refuses names that would harm the object they are put into, or could never be a quantity. */
export function checkName(name: string, at: string): void {
  if (name === '__proto__') fail(`${at}: a quantity cannot be called __proto__`);
  if (name.length > MAX_NAME_LENGTH) fail(`${at}: a quantity's name is longer than ${MAX_NAME_LENGTH}`);
}

export function tooManyQuantities(): never {
  throw new AppError('device.too_many_quantities', {
    detail: `more than ${MAX_QUANTITIES} quantities in one message`,
  });
}

export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function asObject(value: unknown, what: string): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${what} must be an object`);
  return value as Body;
}

/**
 * Speed, heading or accuracy. Positioning interfaces of phones and trackers say -1 for "not known", so a negative
 * number counts as absent; anything that is no finite number is a broken message.
 */
function knownNumber(value: unknown, what: string): number | undefined {
  if (!isPresent(value)) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(`${what} must be a finite number`);
  return value < 0 ? undefined : value;
}

/** Circular 10/2021 writes `00`, `01`, `02`; JSON encoders of loggers often turn that into 0, 1, 2. */
function statusText(status: unknown): string {
  return typeof status === 'number' ? String(status).padStart(2, '0') : shortText(status);
}

function shortText(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_NAME_LENGTH);
}

function fail(detail: string): never {
  throw new AppError('payload.schema', { detail });
}
