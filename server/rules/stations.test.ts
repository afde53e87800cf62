import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/clock.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import {
  deviceRecord,
  handDirectory,
  type RunningRules,
  reading,
  startRules,
} from '../../test/support/rules.ts';
import { seedRule } from '../../test/support/seed.ts';
import { realStations, thresholdByDefinition } from '../../test/support/stations.ts';
import type { OpenDatabase } from '../db/index.ts';

const RULE = { above: 150, clearBelow: 120, forS: 3 * 3600 };
const stations = realStations();

describe.skipIf(stations.length === 0).each(DATABASE_ADAPTERS)(
  'four months of twelve real stations on the $name',
  (adapter) => {
    let database: OpenDatabase;
    let rules: RunningRules;

    beforeAll(async () => {
      if (!adapter.available) return;
      database = await adapter.open();
      await seedRule(database, { id: 'dust', params: { quantity: 'pm25', ...RULE } });
    });
    afterAll(async () => {
      await rules?.stop();
      await database?.close();
    });

    it.skipIf(!adapter.available)(
      'raise in the database exactly the alarms that a reading of the files finds, restarts and all',
      async () => {
        const devices = handDirectory(stations.map(({ name }) => deviceRecord(name)));
        const items = stations
          .flatMap(({ name, samples }) =>
            samples.map(([timeMs, value]) => reading(name, timeMs, value, { areaId: null })),
          )
          .sort((a, b) => a.timeMs - b.timeMs);
        const random = seededRandom(2014);
        rules = await startRules({ database, devices });
        while (items.length > 0) {
          await rules.feed(items.splice(0, 1 + Math.floor(random.next() * 800)));
          if (random.next() > 0.1) continue;
          await rules.stop();
          rules = await startRules({ database, devices });
        }
        const rows = await database.query<{ subject_id: string; raised_at: Date; cleared_at: Date | null }>({
          text: 'select subject_id, raised_at, cleared_at from alerts order by subject_id, raised_at',
          values: [],
        });
        const expected = stations.flatMap(({ name, samples }) =>
          thresholdByDefinition(samples, RULE).map((alarm) => [name, alarm.raisedAt, alarm.clearedAt]),
        );
        expect(expected.length).toBeGreaterThan(100);
        expect(
          rows.map((row) => [row.subject_id, row.raised_at.getTime(), row.cleared_at?.getTime() ?? null]),
        ).toEqual(expected);
      },
    );
  },
);
