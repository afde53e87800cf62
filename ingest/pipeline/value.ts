import type { ErrorCode } from '../../core/errors.ts';
import { isUnsafeInteger } from '../../core/json.ts';
import { QUALITY, type QualityCode } from '../../core/quality.ts';
import { convert, parseUnit, type Quantity, type UnitCode } from '../../core/quantities.ts';

/** Why one value cannot be stored. */
export interface ValueRefusal {
  code: ErrorCode;
  reason: string;
}

/** A number that can be stored, or the refusal. `-0` becomes 0: the database would tell the two apart. */
export function readNumber(v: unknown): number | ValueRefusal {
  if (typeof v !== 'number') {
    return { code: 'value.not_number', reason: `a number is needed, not ${describe(v)}` };
  }
  if (!Number.isFinite(v))
    return { code: 'value.not_finite', reason: 'the number is too large to be stored' };
  if (isUnsafeInteger(v)) {
    return { code: 'value.unsafe_integer', reason: `${v} is beyond 2^53 and was rounded on the way` };
  }
  return v + 0;
}

/** Converts to the series' unit; `unit` is the device's own spelling, absent = already in the series' unit. */
export function toUnit(value: number, unit: string | undefined, target: string): number | ValueRefusal {
  if (unit === undefined || unit === target) return value;
  const from = parseUnit(unit);
  const to = parseUnit(target);
  const converted = from && to ? convert(value, from, to) : undefined;
  if (converted === undefined) {
    return { code: 'value.unknown_unit', reason: `${shown(unit)} cannot be converted to ${target}` };
  }
  if (!Number.isFinite(converted)) {
    return { code: 'value.not_finite', reason: `too large to be stored in ${target}` };
  }
  return converted;
}

/** The unit a quantity that is not registered gets at first sight. */
export function ownUnit(unit: string | undefined): UnitCode | undefined {
  return unit === undefined ? 'count' : parseUnit(unit);
}

/**
 * Quality from the analyser's own state (Circular 10/2021: `00` measuring, `01` calibrating, `02` fault) and from
 * the quantity's plausible range. A state nobody knows makes the value suspect, not lost.
 */
export function judge(
  value: number,
  status: string | undefined,
  quantity: Quantity | undefined,
): QualityCode {
  if (status === '01') return QUALITY.calibrating;
  if (status === '02') return QUALITY.fault;
  if (quantity?.min !== undefined && value < quantity.min) return QUALITY.bad;
  if (quantity?.max !== undefined && value > quantity.max) return QUALITY.bad;
  return status === undefined || status === '00' ? QUALITY.good : QUALITY.suspect;
}

export function isRefusal(result: number | ValueRefusal): result is ValueRefusal {
  return typeof result !== 'number';
}

function describe(v: unknown): string {
  if (typeof v === 'string') return `the text ${shown(v)}`;
  return v === undefined ? 'nothing' : Array.isArray(v) ? 'a list' : `a ${typeof v}`;
}

/** A device's text, short enough for a reason. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
