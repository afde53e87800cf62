import type { Clock } from '../../core/clock.ts';
import type { Database } from '../../core/ports.ts';
import type { Light } from '../health-light.ts';
import { messageOf } from './failures.ts';
import { defaultPartitionRows, ensurePartitions, weeksInDefaultPartition } from './sql.ts';

type PartitionedTable = 'observations' | 'positions';
const TABLES: readonly PartitionedTable[] = ['observations', 'positions'];

const WEEK_MS = 7 * 24 * 3600 * 1000;
/** Where the weeks start: the same moment as in `ensure_partitions()`. */
const ORIGIN_MS = Date.UTC(2001, 0, 1);
const WEEKS_AHEAD = 4;
const CHECK_EVERY_MS = 3600 * 1000;
/**
 * Partitions that may be made per hour for past weeks. A file of history needs a few hundred; a device that sends
 * random years would make thousands. Beyond it rows wait in the default partition, which the keeper empties later.
 */
const MAX_NEW_PER_HOUR = 600;

export interface Partitions {
  /** Makes the partitions of these weeks (see `weekOf`) where they are missing, each in a transaction of its own. */
  ensure(table: PartitionedTable, weeks: Iterable<number>): Promise<void>;
  /** The regular round: weeks ahead, and what lies in the default partitions. */
  keep(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export function weekOf(timeMs: number): number {
  return Math.floor((timeMs - ORIGIN_MS) / WEEK_MS);
}

export function createPartitions(options: { database: Database; clock: Clock; light: Light }): Partitions {
  const { database, clock, light } = options;
  const known = new Map(TABLES.map((table) => [table, new Set<number>()]));
  let made = 0;
  let hourStartedMs = clock.monotonic();
  let cancel: () => void = () => undefined;
  let stopped = false;

  const make = async (table: PartitionedTable, week: number) => {
    const startMs = ORIGIN_MS + week * WEEK_MS;
    const [row] = await database.query<{ made: number }>(ensurePartitions(table, startMs, startMs));
    made += row?.made ?? 0;
    known.get(table)?.add(week);
  };

  const mayMake = () => {
    if (clock.monotonic() - hourStartedMs > CHECK_EVERY_MS) {
      hourStartedMs = clock.monotonic();
      made = 0;
    }
    return made < MAX_NEW_PER_HOUR;
  };

  const emptyDefaults = async () => {
    const left = await database.query<{ parent: PartitionedTable; rowCount: number }>(defaultPartitionRows);
    for (const { parent } of left) {
      const weeks = await database.query<{ ms: number }>(weeksInDefaultPartition(parent));
      // The partition was there once and is gone: somebody dropped it while we believed in it.
      for (const { ms } of weeks) if (mayMake()) await make(parent, weekOf(ms));
    }
    return await database.query<{ parent: string; rowCount: number }>(defaultPartitionRows);
  };

  const partitions: Partitions = {
    async ensure(table, weeks) {
      const missing = [...weeks].filter((week) => !known.get(table)?.has(week)).sort((a, b) => a - b);
      for (const week of missing) if (mayMake()) await make(table, week);
    },

    async keep() {
      try {
        const week = weekOf(clock.now());
        for (const table of TABLES) {
          for (let ahead = 0; ahead <= WEEKS_AHEAD; ahead++) await make(table, week + ahead);
        }
        const left = await emptyDefaults();
        if (left.length === 0) light.clear();
        else {
          const rows = left.map(({ parent, rowCount }) => `${parent}: ${rowCount}`).join(', ');
          light.fault('degraded', 'internal', {
            vi: `Có số liệu nằm ngoài các phân vùng theo tuần (${rows}); sẽ được chuyển dần`,
            en: `Readings wait outside the weekly partitions (${rows}); they are moved step by step`,
          });
        }
      } catch (error) {
        light.fault('degraded', 'db.unavailable', {
          vi: `Không kiểm tra được phân vùng: ${messageOf(error)}`,
          en: `The partitions could not be checked: ${messageOf(error)}`,
        });
      }
    },

    async start() {
      stopped = false;
      await partitions.keep();
      const again = () => {
        cancel = clock.after(CHECK_EVERY_MS, () => {
          void partitions.keep().then(() => {
            if (!stopped) again();
          });
        });
      };
      again();
    },

    stop() {
      stopped = true;
      cancel();
    },
  };
  return partitions;
}
