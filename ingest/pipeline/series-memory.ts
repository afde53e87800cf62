import { POSITION_SERIES } from '../../core/reading.ts';
import { RecentRows } from './recent-rows.ts';

/** What ingest remembers of one series. At most a few hundred bytes; series are capped per device. */
export interface KnownSeries {
  readonly id: number;
  readonly unit: string;
  /** Time of the newest row that was evaluated, epoch ms; what is older is stored and changes nothing live. */
  lastMs: number;
  readonly recent: RecentRows;
}

export interface StoredSeries {
  id: number;
  deviceId: string;
  quantity: string;
  unit: string;
  /** Time of its latest row in the database, if there is one. */
  lastMs: number | null;
}

/** All series this process has met, filled from the database at the start. */
export class SeriesMemory {
  readonly #devices = new Map<string, Map<string, KnownSeries>>();

  find(deviceId: string, quantity: string): KnownSeries | undefined {
    return this.#devices.get(deviceId)?.get(quantity);
  }

  /** Different quantities of a device, its positions not counted. */
  quantityCount(deviceId: string): number {
    const known = this.#devices.get(deviceId);
    return known ? known.size - (known.has(POSITION_SERIES.quantity) ? 1 : 0) : 0;
  }

  add(series: StoredSeries): KnownSeries {
    const known: KnownSeries = {
      id: series.id,
      unit: series.unit,
      lastMs: series.lastMs ?? Number.NEGATIVE_INFINITY,
      recent: new RecentRows(),
    };
    let device = this.#devices.get(series.deviceId);
    if (!device) {
      device = new Map();
      this.#devices.set(series.deviceId, device);
    }
    device.set(series.quantity, known);
    return known;
  }
}
