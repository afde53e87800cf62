/** Stored readings and fixes as the items they were when they came. */
import type { Database, DeviceRecord } from '../../core/ports.ts';
import type { QualityCode } from '../../core/quality.ts';
import { type Evaluable, POSITION_SERIES } from '../../core/reading.ts';
import * as q from './sql/history.ts';

const DAY_MS = 86_400_000;
/** One device at a time comes in weeks, all devices together in days: a few megabytes each. */
const ALONE_MS = 7 * DAY_MS;
const TOGETHER_MS = DAY_MS;

const VALUE_BYTES = 4 + 8 + 8 + 2;
const FIX_BYTES = 4 + 8 + 5 * 8;

export interface History {
  /** Batches of items in the order of their times, series by series in one moment. */
  read(
    devices: readonly DeviceRecord[],
    what: { input: 'values' | 'positions' | 'arrivals'; quantity: string | null },
    range: { fromMs: number; toMs: number },
  ): AsyncGenerator<Evaluable[]>;
}

export function createHistory(database: Database): History {
  return {
    async *read(devices, { input, quantity }, { fromMs, toMs }) {
      const byId = new Map(devices.map((device) => [device.id, device]));
      const wanted = input === 'positions' ? POSITION_SERIES.quantity : quantity;
      const rows = await database.query<q.HistorySeriesRow>(q.seriesOf([...byId.keys()], wanted));
      const series = new Map(
        rows.flatMap((row) => {
          const device = byId.get(row.device_id);
          return device ? [[row.id, { device, quantity: row.quantity }] as const] : [];
        }),
      );
      const isFix = (id: number) => series.get(id)?.quantity === POSITION_SERIES.quantity;
      const values = [...series.keys()].filter((id) => !isFix(id));
      const fixes = input === 'values' ? [] : [...series.keys()].filter(isFix);
      const stepMs = devices.length > 1 ? TOGETHER_MS : ALONE_MS;
      for (let at = fromMs; at < toMs; at += stepMs) {
        const end = Math.min(at + stepMs, toMs);
        const items: Evaluable[] = [];
        if (values.length > 0) {
          const [row] = await database.query<q.PackedRow>(q.packedValues(values, at, end));
          if (row?.packed) unpackValues(row.packed, series, items);
        }
        if (fixes.length > 0) {
          const [row] = await database.query<q.PackedRow>(q.packedPositions(fixes, at, end));
          if (row?.packed) unpackFixes(row.packed, series, items);
          if (values.length > 0) items.sort((a, b) => a.timeMs - b.timeMs || a.seriesId - b.seriesId);
        }
        if (items.length > 0) yield items;
      }
    },
  };
}

type Series = ReadonlyMap<number, { device: DeviceRecord; quantity: string }>;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unpackValues(bytes: Uint8Array, series: Series, into: Evaluable[]): void {
  const view = viewOf(bytes);
  for (let at = 0; at + VALUE_BYTES <= bytes.byteLength; at += VALUE_BYTES) {
    const seriesId = view.getInt32(at);
    const of = series.get(seriesId);
    if (!of) continue;
    into.push({
      kind: 'value',
      deviceId: of.device.id,
      seriesId,
      quantity: of.quantity,
      timeMs: microseconds(view, at + 4) / 1000,
      value: view.getFloat64(at + 12),
      quality: view.getInt16(at + 20) as QualityCode,
      areaId: of.device.areaId,
      position: of.device.position,
    });
  }
}

function unpackFixes(bytes: Uint8Array, series: Series, into: Evaluable[]): void {
  const view = viewOf(bytes);
  for (let at = 0; at + FIX_BYTES <= bytes.byteLength; at += FIX_BYTES) {
    const seriesId = view.getInt32(at);
    const of = series.get(seriesId);
    if (!of) continue;
    const number = (index: number) => view.getFloat64(at + 12 + 8 * index);
    const orNull = (index: number) => (Number.isNaN(number(index)) ? null : number(index));
    into.push({
      kind: 'position',
      deviceId: of.device.id,
      seriesId,
      timeMs: microseconds(view, at + 4) / 1000,
      lon: number(0),
      lat: number(1),
      speedKmh: orNull(2),
      headingDeg: orNull(3),
      accuracyM: orNull(4),
      areaId: of.device.areaId,
      unitId: of.device.unitId,
    });
  }
}

/** Microseconds since 1970 fit a double until the year 2255. */
function microseconds(view: DataView, at: number): number {
  return view.getInt32(at) * 4_294_967_296 + view.getUint32(at + 4);
}
