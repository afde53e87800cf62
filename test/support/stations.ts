import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

export type Sample = [timeMs: number, value: number];

export interface Alarm {
  raisedAt: number;
  /** null = it stands at the end of the series. */
  clearedAt: number | null;
  peak: number | null;
}

const FOLDER = fileURLToPath(new URL('../../../shared/data/air-quality', import.meta.url));

/** The real air-quality stations beside the project with their PM2.5 values; none where that folder is missing. */
export function realStations(): { name: string; samples: Sample[] }[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.csv'))
    .sort()
    .map((file) => {
      const rows: Record<string, string>[] = parse(readFileSync(join(FOLDER, file)), { columns: true });
      const samples = rows
        .filter((row) => row['PM2.5'] !== 'NA')
        .map((row): Sample => {
          const [year, month, day, hour] = ['year', 'month', 'day', 'hour'].map((name) => Number(row[name]));
          // The stations' clocks are eight hours ahead of UTC all year.
          return [Date.UTC(year ?? 0, (month ?? 1) - 1, day, (hour ?? 0) - 8), Number(row['PM2.5'])];
        });
      return { name: file.replace('.csv', ''), samples };
    });
}

const COLUMNS = { pm25: 'PM2.5', pm10: 'PM10', so2: 'SO2', no2: 'NO2', co: 'CO', o3: 'O3' } as const;

/** Hourly means of all pollutants of the real stations in the order of their times; none where the folder is missing. */
export function realAir(fromMs: number, toMs: number) {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.csv'))
    .sort()
    .flatMap((file) => {
      const rows: Record<string, string>[] = parse(readFileSync(join(FOLDER, file)), { columns: true });
      return rows.flatMap((row) => {
        const [year, month, day, hour] = ['year', 'month', 'day', 'hour'].map((name) => Number(row[name]));
        const timeMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, (hour ?? 0) - 8);
        if (timeMs < fromMs || timeMs >= toMs) return [];
        return Object.entries(COLUMNS).flatMap(([quantity, column]) =>
          row[column] === 'NA'
            ? []
            : [{ station: file.replace('.csv', ''), quantity, timeMs, value: Number(row[column]) }],
        );
      });
    })
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** "Over `above` for `forS`, cleared under `clearBelow`", read off a whole series at once, without the product. */
export function thresholdByDefinition(
  samples: readonly Sample[],
  rule: { above: number; clearBelow?: number; forS: number },
): Alarm[] {
  const over = samples.map(([, value]) => value > rule.above);
  const safe = samples.map(([, value]) =>
    rule.clearBelow === undefined ? value <= rule.above : value < rule.clearBelow,
  );
  const alarms: Alarm[] = [];
  let from = 0;
  for (;;) {
    const raise = samples.findIndex(([time], i) => {
      if (i < from || !over[i]) return false;
      // Every sample of the hold must be over the limit, the first of them at least `forS` before this one.
      const start = samples.findIndex(
        (_, j) => j >= from && j <= i && over.slice(j, i + 1).every((yes) => yes),
      );
      return time - (samples[start]?.[0] ?? time) >= rule.forS * 1000;
    });
    if (raise < 0) return alarms;
    const clear = safe.findIndex((yes, i) => i > raise && yes);
    const begin = over.lastIndexOf(false, raise) + 1;
    const end = clear < 0 ? samples.length : clear;
    alarms.push({
      raisedAt: samples[raise]?.[0] ?? 0,
      clearedAt: clear < 0 ? null : (samples[clear]?.[0] ?? 0),
      peak: Math.max(...samples.slice(Math.max(begin, from), end).map(([, value]) => value)),
    });
    if (clear < 0) return alarms;
    from = clear + 1;
  }
}
