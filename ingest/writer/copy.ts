import type { Observation, PositionFix } from '../../core/reading.ts';

/** Start of PostgreSQL's own epoch, 1 January 2000, in Unix milliseconds. */
const PG_EPOCH_MS = 946_684_800_000;
/** `PGCOPY\n\377\r\n\0`, flags, length of the header extension (documentation of COPY, "Binary Format"). */
const HEADER = Buffer.from([80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const TRAILER_BYTES = 2;
/** Field count, then each field with its length: int4, timestamptz, float8, int2. */
const OBSERVATION_BYTES = 2 + (4 + 4) + (4 + 8) + (4 + 8) + (4 + 2);
/** int4, timestamptz, two float8, three float4, and the length of a text. */
const FIX_BYTES = 2 + (4 + 4) + (4 + 8) + 2 * (4 + 8) + 3 * (4 + 4) + 4;

/** Unix microseconds, the precision of the database. */
export function microsOf(timeMs: number): number {
  return Math.round(timeMs * 1000);
}

/** Rows for `COPY observations (series_id, time, value, quality) FROM STDIN (FORMAT binary)`. */
export function encodeObservations(rows: readonly Observation[]): Buffer {
  const out = Buffer.allocUnsafe(HEADER.length + rows.length * OBSERVATION_BYTES + TRAILER_BYTES);
  let at = HEADER.copy(out);
  // The hottest loop of the writer: a view's setters are compiled to single instructions, a buffer's are calls.
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  for (const { seriesId, timeMs, value, quality } of rows) {
    const micros = microsOf(timeMs) - PG_EPOCH_MS * 1000;
    const high = Math.floor(micros / 4_294_967_296);
    view.setInt16(at, 4);
    view.setInt32(at + 2, 4);
    view.setInt32(at + 6, seriesId);
    view.setInt32(at + 10, 8);
    view.setInt32(at + 14, high);
    view.setUint32(at + 18, micros - high * 4_294_967_296);
    view.setInt32(at + 22, 8);
    view.setFloat64(at + 26, value);
    view.setInt32(at + 34, 2);
    view.setInt16(at + 38, quality);
    at += OBSERVATION_BYTES;
  }
  view.setInt16(at, -1);
  return out;
}

/** Rows for `COPY positions (series_id, time, lon, lat, speed_kmh, heading_deg, accuracy_m, area_id) …`. */
export function encodePositions(rows: readonly PositionFix[]): Buffer {
  const texts = rows.reduce((sum, row) => sum + Buffer.byteLength(row.areaId ?? ''), 0);
  const out = Buffer.allocUnsafe(HEADER.length + rows.length * FIX_BYTES + texts + TRAILER_BYTES);
  let at = HEADER.copy(out);
  for (const row of rows) {
    at = out.writeInt16BE(8, at);
    at = writeInt4(out, at, row.seriesId);
    at = writeTime(out, at, row.timeMs);
    at = writeFloat8(out, at, row.lon);
    at = writeFloat8(out, at, row.lat);
    at = writeFloat4(out, at, row.speedKmh);
    at = writeFloat4(out, at, row.headingDeg);
    at = writeFloat4(out, at, row.accuracyM);
    at = writeText(out, at, row.areaId);
  }
  at = out.writeInt16BE(-1, at);
  return out.subarray(0, at);
}

function writeInt4(out: Buffer, at: number, value: number): number {
  return out.writeInt32BE(value, out.writeInt32BE(4, at));
}

/** An int8 of microseconds, written as two halves: BigInt would cost more than the rest of the row. */
function writeTime(out: Buffer, at: number, timeMs: number): number {
  const micros = microsOf(timeMs) - PG_EPOCH_MS * 1000;
  const high = Math.floor(micros / 4_294_967_296);
  const next = out.writeInt32BE(high, out.writeInt32BE(8, at));
  return out.writeUInt32BE(micros - high * 4_294_967_296, next);
}

function writeFloat8(out: Buffer, at: number, value: number): number {
  return out.writeDoubleBE(value, out.writeInt32BE(8, at));
}

function writeFloat4(out: Buffer, at: number, value: number | null): number {
  if (value === null) return out.writeInt32BE(-1, at);
  return out.writeFloatBE(value, out.writeInt32BE(4, at));
}

function writeText(out: Buffer, at: number, value: string | null): number {
  if (value === null) return out.writeInt32BE(-1, at);
  const bytes = out.write(value, at + 4);
  out.writeInt32BE(bytes, at);
  return at + 4 + bytes;
}
