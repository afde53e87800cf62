/** Hourly means of one device in event time, as indices and regulations ask for them. */
import { z } from 'zod';

const HOUR_MS = 3_600_000;

/** How values become hourly means. */
export const HourParams = {
  hourlyMeans: z
    .boolean()
    .default(false)
    .describe(
      'every value is the mean of an hour already; otherwise means are made of the values of each hour',
    ),
  stampedAtEnd: z
    .boolean()
    .default(false)
    .describe('the mean stamped 08:00 belongs to the hour from 07:00 to 08:00'),
};

/** Sums of one quantity: number of the hour since 1970, sum, count of valid values. Oldest first. */
export type HourSums = [hour: number, sum: number, count: number][];

/** The hour that a value belongs to. */
export function hourOf(timeMs: number, stampedAtEnd: boolean): number {
  return stampedAtEnd ? Math.ceil(timeMs / HOUR_MS) - 1 : Math.floor(timeMs / HOUR_MS);
}

export const hourStartMs = (hour: number) => hour * HOUR_MS;

/** Adds one valid value; hours older than `keep` before it are dropped. A repeated hourly mean replaces nothing. */
export function addToHour(sums: HourSums, hour: number, value: number, keep: number): HourSums {
  const kept = sums.filter(([of]) => of > hour - keep);
  const index = kept.findIndex(([of]) => of >= hour);
  const found = index < 0 ? undefined : kept[index];
  if (found?.[0] === hour) kept[index] = [hour, found[1] + value, found[2] + 1];
  else kept.splice(index < 0 ? kept.length : index, 0, [hour, value, 1]);
  return kept;
}

/** Means of the `count` hours that end with `hour`, the latest first, null = no valid value. */
export function meansBack(sums: HourSums | undefined, hour: number, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, age) => {
    const found = sums?.find(([of]) => of === hour - age);
    return found ? found[1] / found[2] : null;
  });
}
