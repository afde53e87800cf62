import { AppError } from '../../core/errors.ts';
import type { DecodedReading, DecodedValue } from '../../core/reading.ts';
import { fold } from '../../core/text.ts';
import { MAX_QUANTITIES, QUANTITY_NAME } from '../contract.ts';
import { checkName, decodeBody, decodeValue, isPresent, tooManyQuantities } from './standard-body.ts';

type Fields = Record<string, unknown>;

const VALUE_KEYS = new Set(['v', 'unit', 'status']);

/**
 * JSON of a device that nobody wrote a type for: the standard body, or any object whose numbers are the values.
 * Nested objects are flattened with `_` (`{"soil": {"moisture": 31}}` → `soil_moisture`); booleans become 1 and 0;
 * texts, lists and nulls are descriptions, no measurements, and are left out.
 *
 * In a bare object `ts` (or `timestamp`, `time`), `position` (or `lat` with `lon` or `lng`) and `seq` are the frame;
 * `speed`, `heading` and `accuracy` belong to the position where there is one and are values otherwise.
 *
 * Names become quantity names: `airTemp` → `air_temp`, `PM2.5` → `pm2_5`, `Độ ẩm` → `do_am`. Two keys that end up
 * with one name refuse the message (`payload.schema`): guessing which one counts would lose data silently. A name
 * that cannot be one stays as it is, for the pipeline to refuse that value.
 */
export function decodeFlatJson(payload: unknown): DecodedReading[] {
  const names = new Set<string>();
  return decodeBody(isBare(payload) ? frame(payload) : payload, (values, at) => {
    const decoded: Record<string, DecodedValue> = {};
    for (const [path, value] of measurements(values, '', at)) {
      const name = quantityName(path);
      checkName(name, at);
      if (Object.hasOwn(decoded, name)) {
        throw new AppError('payload.schema', { detail: `${at}: two values end up as ${name}` });
      }
      decoded[name] = decodeValue(value);
      names.add(name);
      if (names.size > MAX_QUANTITIES) tooManyQuantities();
    }
    return decoded;
  });
}

function isBare(payload: unknown): payload is Fields {
  return isObject(payload) && !isObject(payload.values) && !Array.isArray(payload.readings);
}

/** Puts a bare object into the standard frame. */
function frame(bare: Fields): Fields {
  const values = { ...bare };
  const take = (key: string): unknown => {
    const value = values[key];
    delete values[key];
    return value;
  };
  const framed: Fields = { values, seq: take('seq') };
  const tsKey = ['ts', 'timestamp', 'time'].find((key) => isPresent(values[key]) && !isObject(values[key]));
  if (tsKey !== undefined) framed.ts = take(tsKey);
  const lonKey = ['lon', 'lng'].find((key) => isPresent(values[key]));
  if (isPresent(values.position)) framed.position = take('position');
  else if (isPresent(values.lat) && lonKey !== undefined) framed.position = [take(lonKey), take('lat')];
  if (framed.position !== undefined) {
    for (const key of ['speed', 'heading', 'accuracy']) framed[key] = take(key);
  }
  return framed;
}

/** Numbers (and full values, which the pipeline judges) with their path, in the order they were sent. */
function* measurements(
  source: Fields,
  prefix: string,
  at: string,
): Generator<[path: string, value: unknown]> {
  for (const [key, value] of Object.entries(source)) {
    checkName(key, at);
    const path = prefix === '' ? key : `${prefix}_${key}`;
    if (typeof value === 'number') yield [path, value];
    else if (typeof value === 'boolean') yield [path, Number(value)];
    else if (isObject(value)) {
      if (isFullValue(value)) yield [path, value];
      else yield* measurements(value, path, at);
    }
  }
}

/** `{"v": 3.6, "unit": "V"}`, but not `{"v": 3.6, "percent": 80}`, which is a group with a field called v. */
function isFullValue(value: Fields): boolean {
  return Object.hasOwn(value, 'v') && Object.keys(value).every((key) => VALUE_KEYS.has(key));
}

/** The registered spelling of a device's own name, or the name itself where none can be made. */
function quantityName(path: string): string {
  if (QUANTITY_NAME.test(path)) return path;
  const name = fold(path.replace(/([a-z0-9])([A-Z])/g, '$1_$2'))
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return QUANTITY_NAME.test(name) ? name : path;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
