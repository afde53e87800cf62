import { AppError } from '../../core/errors.ts';
import type { Database, SeriesDirectory } from '../../core/ports.ts';
import { allSeries, ensureSeries } from './sql/observations.ts';

/** Ids of all series in memory; the first value of a new one makes it, once, however many ask at the same time. */
export async function createSeriesDirectory(database: Database): Promise<SeriesDirectory> {
  const known = new Map<string, number>();
  const making = new Map<string, Promise<number>>();
  const keyOf = (deviceId: string, quantity: string) => `${deviceId} ${quantity}`;
  for (const row of await allSeries(database)) known.set(keyOf(row.device_id, row.quantity), row.id);

  const make = async (key: string, deviceId: string, quantity: string, unit: string) => {
    const row = await ensureSeries(database, deviceId, quantity, unit);
    if (!row) throw new AppError('internal', { detail: 'a series was not made' });
    known.set(key, row.id);
    return row.id;
  };
  return {
    async resolve(deviceId, quantity, unit) {
      const key = keyOf(deviceId, quantity);
      const id = known.get(key);
      if (id !== undefined) return id;
      const running =
        making.get(key) ?? make(key, deviceId, quantity, unit).finally(() => making.delete(key));
      making.set(key, running);
      return running;
    },
  };
}
