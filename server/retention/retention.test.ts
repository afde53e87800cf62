import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEPT_DATA } from '../../core/api/retention.ts';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { testLogger } from '../../test/support/logger.ts';
import { grantWith } from '../../test/support/roles.ts';
import { testTrail } from '../../test/support/trail.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createSummaryKeeper } from '../summaries/index.ts';
import { createHealth } from '../system/index.ts';
import { createRetentionKeeper } from './keeper.ts';
import { createRetentionService, type RetentionService } from './service.ts';
import { RetentionSettings } from './settings.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-17T08:40:00Z');
const KEEP_DAYS = 30;
const CUT = NOW - KEEP_DAYS * DAY;

describe.each(DATABASE_ADAPTERS)('retention on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let service: RetentionService;
    const clock = manualClock(NOW);
    const settings = RetentionSettings.parse({ valuesDays: KEEP_DAYS, positionsDays: 'forever' });
    const people = { first: person('an'), second: person('binh') };

    beforeAll(async () => {
      database = await open();
      const audit = testTrail(database, clock);
      service = createRetentionService({ database, clock, audit, settings });
      await database.query(sql`select ensure_partitions('observations', '2026-04-01', '2026-06-30')`);
      await database.query(sql`
        insert into devices (id, site, name, type) select id, 'main', id, 'salinity'
        from unnest(array['held', 'free']) as d (id)`);
      await database.query(sql`
        insert into series (device_id, quantity, unit) values ('held', 'salinity', 'ppt'), ('free', 'salinity', 'ppt')`);
      await database.query(sql`
        insert into observations (series_id, time, value, quality)
        select s.id, t, 1, 0 from series s,
          generate_series('2026-04-01T00:00:00Z'::timestamptz, '2026-06-17T08:00:00Z', interval '1 hour') as t`);
    });
    afterAll(async () => await database?.close());

    const keeper = () =>
      createRetentionKeeper({
        database,
        clock,
        health: createHealth(clock),
        logger: testLogger(),
        audit: testTrail(database, clock),
        settings,
      });
    const timesOf = async (device: string) =>
      (
        await database.query<{ ms: number }>(sql`
          select extract(epoch from time)::float8 * 1000 as ms from observations o join series s on s.id = o.series_id
          where s.device_id = ${device} order by 1`)
      ).map(({ ms }) => Number(ms));
    const HELD = { from: Date.parse('2026-04-20T00:00:00Z'), to: Date.parse('2026-05-10T00:00:00Z') };
    const codeOf = (attempt: Promise<unknown>) =>
      attempt.then(
        () => 'done',
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      );

    it('removes no value that does not stand in the summaries', async () => {
      const before = await timesOf('free');
      expect(await keeper().keep()).toBe(0);
      expect(await timesOf('free')).toEqual(before);
    });

    it('removes exactly what is older than its days and not held, and the summaries stay', async () => {
      await createSummaryKeeper({
        database,
        clock,
        health: createHealth(clock),
        logger: testLogger(),
        timezone: 'Asia/Ho_Chi_Minh',
      }).keep();
      const hold = await service.place(people.first, {
        reason: 'điều tra vụ xả thải',
        documentNo: '12/QĐ',
        deviceIds: ['held'],
        from: new Date(HELD.from).toISOString(),
        to: new Date(HELD.to).toISOString(),
      });
      const [free, held] = [await timesOf('free'), await timesOf('held')];
      const isKept = (ms: number) => ms >= CUT;
      const removed = await keeper().keep();
      expect(await timesOf('free')).toEqual(free.filter(isKept));
      expect(await timesOf('held')).toEqual(
        held.filter((ms) => isKept(ms) || (ms >= HELD.from && ms < HELD.to)),
      );
      expect(removed).toBe(
        free.filter((ms) => !isKept(ms)).length +
          held.filter((ms) => !isKept(ms) && !(ms >= HELD.from && ms < HELD.to)).length,
      );
      const { items } = await service.retention();
      expect(items.map(({ data }) => data)).toEqual([...KEPT_DATA]);
      expect(items[0]).toMatchObject({
        days: KEEP_DAYS,
        lastRun: { removed, held: held.filter((ms) => ms >= HELD.from && ms < HELD.to).length },
      });
      const [hours] = await database.query<{ n: number }>(
        sql`select count(*) as n from observations_1h o join series s on s.id = o.series_id where s.device_id = 'free'`,
      );
      expect(Number(hours?.n)).toBe(
        free.filter((ms) => ms < Math.floor((NOW - DAY / 48) / 3_600_000) * 3_600_000).length,
      );
      expect(hold).toMatchObject({ placedBy: 'an', releasedAt: null });
    });

    it('lets a hold go only when a second person agrees to what the first asked for', async () => {
      const id = (await service.holds(people.first)).items[0]?.id ?? 0;
      expect(await codeOf(service.release(people.second, id))).toBe('request.conflict');
      await service.askRelease(people.first, id, { reason: 'vụ việc đã kết thúc' });
      expect(await codeOf(service.release(people.first, id))).toBe('auth.forbidden');
      expect(await service.release(people.second, id)).toMatchObject({
        releaseAskedBy: 'an',
        releasedBy: 'binh',
      });
      expect(await codeOf(service.release(people.second, id))).toBe('request.conflict');
      await keeper().keep();
      expect((await timesOf('held')).every((ms) => ms >= CUT)).toBe(true);
    });

    it('knows its devices, and only people of the whole centre place holds', async () => {
      const input = {
        reason: 'thử lệnh',
        deviceIds: ['none'],
        from: '2026-01-01T00:00:00Z',
        to: '2026-02-01T00:00:00Z',
      };
      expect(await codeOf(service.place(people.first, input))).toBe('request.invalid');
      const [grant] = people.first.grants;
      if (!grant) throw new Error('a grant');
      const limited: Caller = { ...people.first, grants: [{ ...grant, areas: new Set(['99001']) }] };
      expect(await codeOf(service.place(limited, { ...input, deviceIds: ['held'] }))).toBe('auth.forbidden');
      expect(await codeOf(service.holds(limited))).toBe('auth.forbidden');
    });
  });
});

function person(username: string): Caller {
  return {
    userId: username,
    username,
    displayName: username,
    sessionId: username,
    agencyId: null,
    grants: [grantWith('admin')],
  };
}
