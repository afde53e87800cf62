import { QUALITY } from '../../../core/quality.ts';
import { isQuantity, QUANTITIES } from '../../../core/quantities.ts';
import { type DecodedReading, type DecodedValue, POSITION_SERIES } from '../../../core/reading.ts';
import { QUANTITY_NAME } from '../../../devices/index.ts';
import { deviceOf, type Job, NO_EFFECTS, refuse, type StageContext } from '../job.ts';
import { parsePosition } from '../position.ts';
import { parseTime } from '../time.ts';
import { isRefusal, ownUnit, readNumber, toUnit } from '../value.ts';

/** A moving thing that claims more is broken; the fix is kept, the speed is not. */
const MAX_SPEED_KMH = 2000;
const UNRESOLVED = -1;

/** Readings → one item per value and fix: UTC, canonical unit. What cannot be read as such is refused here. */
export function normalise(job: Job, context: StageContext): void {
  for (const [index, reading] of job.readings.entries()) {
    const timeMs = reading.ts === undefined ? arrivalOf(job, context, index) : parseTime(reading.ts);
    if (timeMs === undefined) {
      job.parts++;
      const shown = (JSON.stringify(reading.ts) ?? '').slice(0, 60);
      refuse(job, index, '', 'time.invalid', `${shown} is no time with an offset and no epoch milliseconds`);
      continue;
    }
    if (reading.position !== undefined) addPlace(job, index, reading, timeMs);
    for (const quantity of Object.keys(reading.values)) {
      const value = reading.values[quantity];
      if (value) addValue(job, context, index, quantity, value, timeMs);
    }
  }
}

/** A replay keeps the times of its first arrival: what was stored then is recognised. */
function arrivalOf(job: Job, context: StageContext, index: number): number {
  const { deviceId, receivedAtMs, replayOf } = job.message;
  const reading = job.readings[index];
  if (replayOf !== undefined || !reading) return receivedAtMs + index / 1000;
  return context.arrivals.timeOf(deviceId, reading, receivedAtMs);
}

function addPlace(job: Job, index: number, reading: DecodedReading, timeMs: number): void {
  const device = deviceOf(job);
  const place = parsePosition(reading.position);
  if (typeof place === 'string') {
    job.parts++;
    refuse(job, index, 'position', 'position.out_of_range', place);
    return;
  }
  job.places.set(index, place);
  // Only movers have a track; where a fixed device stands is the registry's to say.
  if (!device.mobile) return;
  const { speedKmh, headingDeg, accuracyM } = reading;
  job.parts++;
  job.items.push({
    row: {
      kind: 'position',
      deviceId: device.id,
      seriesId: UNRESOLVED,
      timeMs,
      lon: place[0],
      lat: place[1],
      speedKmh: speedKmh === undefined || speedKmh > MAX_SPEED_KMH ? null : speedKmh,
      headingDeg: headingDeg ?? null,
      accuracyM: accuracyM === undefined || accuracyM > 1e6 ? null : accuracyM,
      areaId: null,
      unitId: device.unitId,
    },
    unit: POSITION_SERIES.unit,
    status: undefined,
    reading: index,
    receivedAtMs: job.message.receivedAtMs,
    live: false,
    effects: NO_EFFECTS,
  });
}

function addValue(
  job: Job,
  context: StageContext,
  index: number,
  quantity: string,
  value: DecodedValue,
  timeMs: number,
): void {
  // `null` is how loggers say "not measured this time": nothing to store, nothing to complain about.
  if (value.v === null) return;
  job.parts++;
  const device = deviceOf(job);
  const registered = isQuantity(quantity);
  const allowed =
    registered ||
    (job.type?.quantities === 'any' && QUANTITY_NAME.test(quantity) && quantity !== POSITION_SERIES.quantity);
  if (!allowed) {
    refuse(
      job,
      index,
      `values.${quantity}`,
      'value.unknown_quantity',
      `${JSON.stringify(quantity)} is no registered quantity`,
    );
    return;
  }
  const number = readNumber(value.v);
  if (isRefusal(number)) {
    refuse(job, index, `values.${quantity}`, number.code, number.reason);
    return;
  }
  const unit = registered
    ? QUANTITIES[quantity].unit
    : (context.series.find(device.id, quantity)?.unit ?? ownUnit(value.unit));
  const converted = unit === undefined ? undefined : toUnit(number, value.unit, unit);
  if (unit === undefined || converted === undefined) {
    refuse(job, index, `values.${quantity}`, 'value.unknown_unit', `the unit of ${quantity} is not known`);
    return;
  }
  if (isRefusal(converted)) {
    refuse(job, index, `values.${quantity}`, converted.code, converted.reason);
    return;
  }
  job.items.push({
    row: {
      kind: 'value',
      deviceId: device.id,
      seriesId: UNRESOLVED,
      quantity,
      timeMs,
      value: converted,
      quality: QUALITY.good,
      areaId: null,
      position: null,
    },
    unit,
    status: value.status,
    reading: index,
    receivedAtMs: job.message.receivedAtMs,
    live: false,
    effects: NO_EFFECTS,
  });
}
