import type { z } from 'zod';
import type {
  LatestQuery,
  LatestValue,
  Observation,
  ObservationBucket,
  ObservationQuery,
} from '../../core/api/devices.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, scopeOf } from '../../core/permissions.ts';
import type { AreaDirectory, Database, Queryable } from '../../core/ports.ts';
import { qualityName } from '../../core/quality.ts';
import { decodeCursor, encodeCursor } from '../http/index.ts';
import { bucketFigures } from '../summaries/index.ts';
import { scopeOfRow } from './devices.ts';
import { deviceById } from './sql/devices.ts';
import {
  bucketEdges,
  latestValues,
  rawObservations,
  type SeriesRow,
  seriesOfDevice,
} from './sql/observations.ts';
import type { TypeCatalogue } from './types.ts';

const DAY_MS = 86_400_000;
/** Longest span that one request may ask for. */
const MAX_SPAN_MS = 20 * 366 * DAY_MS;
const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const UNIT_NAME = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' } as const;
/** Buckets narrower than this would hold one value each. */
const MAX_BUCKETS_PER_SERIES = 10_000;

type Query = z.output<typeof ObservationQuery>;

export interface ObservationService {
  ofDevice(
    caller: Caller,
    deviceId: string,
    query: Query,
  ): Promise<{ items: (Observation | ObservationBucket)[]; nextCursor: string | null }>;
  latest(
    caller: Caller,
    query: z.output<typeof LatestQuery>,
  ): Promise<{ items: LatestValue[]; nextCursor: string | null }>;
}

export function createObservationService(options: {
  database: Database;
  clock: Clock;
  types: TypeCatalogue;
  areas: AreaDirectory;
  timezone: string;
}): ObservationService {
  const { database, clock, types, areas, timezone } = options;

  const span = (query: Query) => {
    const to = query.to === undefined ? clock.now() : Date.parse(query.to);
    const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from);
    if (from >= to) throw new AppError('request.invalid', { detail: 'query.from: must be before `to`' });
    if (to - from > MAX_SPAN_MS)
      throw new AppError('request.invalid', { detail: 'query.from: at most 20 years before `to`' });
    return { from, to };
  };

  const single = async (mine: Queryable, series: SeriesRow[], query: Query) => {
    const { from, to } = span(query);
    const order = query.order ?? (query.from === undefined ? 'desc' : 'asc');
    const cursor = decodeCursor(query.cursor, ['string', 'number', 'number']);
    if (cursor && cursor[0] !== order)
      throw new AppError('request.invalid', { detail: 'query.cursor: of another order' });
    const rows = await rawObservations(mine, {
      seriesIds: series.map((one) => one.id),
      from: new Date(from),
      to: new Date(to),
      order,
      after: cursor && { micros: Number(cursor[1]), seriesId: Number(cursor[2]) },
      limit: query.limit + 1,
    });
    const byId = new Map(series.map((one) => [one.id, one]));
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => ({
        time: row.time.toISOString(),
        quantity: byId.get(row.series_id)?.quantity ?? '',
        unit: byId.get(row.series_id)?.unit ?? '',
        value: row.value,
        quality: qualityName(row.quality),
      })),
      nextCursor:
        rows.length > shown.length && last ? encodeCursor([order, last.micros, last.series_id]) : null,
    };
  };

  /** A page of buckets covers as much time as its limit allows; the cursor is where the next page begins. */
  const buckets = async (
    mine: Queryable,
    series: SeriesRow[],
    query: Query,
    bucket: string,
    intervalS: number | null,
  ) => {
    const { from, to } = span(query);
    const count = Number(bucket.slice(0, -1));
    const unit = bucket.slice(-1) as keyof typeof UNIT_S;
    const width = `${count} ${UNIT_NAME[unit]}`;
    const widthMs = count * UNIT_S[unit] * 1000;
    if ((to - from) / widthMs > MAX_BUCKETS_PER_SERIES * 100)
      throw new AppError('request.invalid', { detail: 'query.bucket: too narrow for so long a time' });
    const cursor = decodeCursor(query.cursor, ['number']);
    const start = new Date(Math.max(from, cursor ? Number(cursor[0]) : from));
    const perSeries = Math.max(1, Math.floor(query.limit / Math.max(1, series.length)));
    const edges = await bucketEdges(mine, start, width, timezone, perSeries);
    const end = Math.min(to, edges?.end.getTime() ?? to);
    const rows =
      start.getTime() >= to
        ? []
        : await bucketFigures(mine, {
            seriesIds: series.map((one) => one.id),
            from: start,
            to: new Date(end),
            width,
            widthMs,
            bucketStart: edges?.start ?? start,
            timezone,
          });
    const byId = new Map(series.map((one) => [one.id, one]));
    const now = clock.now();
    return {
      items: rows.map((row) => {
        const startMs = row.time.getTime();
        // Only the part of a bucket that was asked for and has already passed can have been filled.
        const coveredMs = Math.min(startMs + widthMs, to, now) - Math.max(startMs, from);
        const expected = intervalS === null ? null : coveredMs / (intervalS * 1000);
        return {
          time: row.time.toISOString(),
          quantity: byId.get(row.series_id)?.quantity ?? '',
          unit: byId.get(row.series_id)?.unit ?? '',
          count: row.count,
          valid: row.valid,
          min: row.min,
          max: row.max,
          avg: row.avg,
          last: row.last,
          completeness: expected === null ? null : Math.min(1, row.count / Math.max(1, Math.floor(expected))),
        };
      }),
      nextCursor: end < to ? encodeCursor([end]) : null,
    };
  };

  return {
    async ofDevice(caller, deviceId, query) {
      const mine = database.as(caller, 'observations.read');
      const device = await deviceById(mine, deviceId);
      if (!device || !can(caller, 'observations.read', scopeOfRow(device)))
        throw new AppError('request.not_found');
      const series = (await seriesOfDevice(mine, deviceId)).filter(
        (one) => query.quantity === undefined || one.quantity === query.quantity,
      );
      if (series.length === 0) return { items: [], nextCursor: null };
      if (query.bucket === undefined) return single(mine, series, query);
      const intervalS = device.expected_interval_s ?? types.get(device.type)?.expectedIntervalS ?? null;
      return buckets(mine, series, query, query.bucket, intervalS);
    },

    async latest(caller, query) {
      const [after] = decodeCursor(query.cursor, ['number']) ?? [0];
      const rows = await latestValues(
        database.as(caller, 'observations.read'),
        scopeOf(caller, 'observations.read'),
        {
          quantity: query.quantity,
          device: query.device,
          bbox: query.bbox,
          areas: query.area === undefined ? undefined : [...areas.subtree([query.area])],
        },
        Number(after),
        query.limit + 1,
      );
      const shown = rows.slice(0, query.limit);
      return {
        items: shown.map((row) => ({
          deviceId: row.device_id,
          deviceName: row.device_name,
          deviceType: row.device_type,
          domain: row.domain,
          quantity: row.quantity,
          unit: row.unit,
          time: row.time.toISOString(),
          value: row.value,
          quality: qualityName(row.quality),
          position: row.lon === null || row.lat === null ? null : [row.lon, row.lat],
          areaId: row.area_id,
        })),
        nextCursor: rows.length > shown.length ? encodeCursor([shown.at(-1)?.series_id ?? 0]) : null,
      };
    },
  };
}
