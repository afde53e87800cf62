import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { act, createTestTrail, type TestTrail } from '../../test/support/audit.ts';
import { testLogger } from '../../test/support/logger.ts';
import { until } from '../../test/support/wait.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { genesisHash, rowHash } from './canonical.ts';
import { canonicalRow } from './row.ts';
import { rowsAfter } from './sql.ts';
import { createTrail, type Trail } from './trail.ts';

const START = Date.parse('2026-11-22T08:00:00.123+07:00');

describe.each(DATABASE_ADAPTERS.filter(({ available }) => available))(
  'the audit trail ($name)',
  (adapter) => {
    let database: OpenDatabase;
    let test: TestTrail;
    const clock = manualClock(START);

    beforeAll(async () => {
      database = await adapter.open();
    });
    afterAll(async () => {
      await database?.close();
    });
    beforeEach(async () => {
      await database.query({ text: 'delete from secrets', values: [] });
      await database.query({ text: 'alter table audit_log disable trigger user', values: [] });
      await database.query({ text: 'delete from audit_log', values: [] });
      await database.query({ text: 'alter table audit_log enable trigger user', values: [] });
      test = await createTestTrail(database, clock);
    });
    afterEach(() => test.close());
    const rows = (chain = 'centre') => rowsAfter(database, chain, 0, 1e9, 1000);

    it('writes an act in its own transaction, numbered and hashed after the one before', async () => {
      await database.transaction((tx) => test.trail.record(tx, act(1)));
      await database.transaction((tx) => test.trail.record(tx, act(2), act(3)));
      const [first, second, third] = await rows();
      expect(first).toMatchObject({
        seq: 1,
        at: '2026-11-22T01:00:00.123000Z',
        action: 'device.change',
        actor_id: 'u1',
        actor_name: 'lan',
        session_id: 's1',
        ip: '10.0.0.7',
        request_id: 'request-1',
        object_type: 'device',
        object_id: 'device-1',
        object_name: 'Trạm 1',
        area_id: '99001',
        domain: null,
        before: '{"name":"Trạm cũ 1"}',
        after: '{"name":"Trạm 1"}',
      });
      expect([second?.seq, third?.seq]).toEqual([2, 3]);
      if (!first || !second) throw new Error('no rows');
      expect(first.prev_hash.equals(genesisHash('centre'))).toBe(true);
      expect(first.hash.equals(rowHash(genesisHash('centre'), 1, canonicalRow(first)))).toBe(true);
      expect(second.hash.equals(rowHash(first.hash, 2, canonicalRow(second)))).toBe(true);
    });

    it('leaves nothing of an act that was rolled back, and no gap', async () => {
      await database.transaction((tx) => test.trail.record(tx, act(1)));
      await expect(
        database.transaction(async (tx) => {
          await test.trail.record(tx, act(2));
          throw new AppError('request.conflict');
        }),
      ).rejects.toThrow('request.conflict');
      await database.transaction((tx) => test.trail.record(tx, act(3)));
      expect((await rows()).map((row) => [row.seq, row.object_id])).toEqual([
        [1, 'device-1'],
        [2, 'device-3'],
      ]);
      await test.anchor();
      expect(await test.check()).toMatchObject({ ok: true });
    });

    it('keeps one chain per agency and one for the centre, each with its own numbers', async () => {
      const of = (agencyId: string) => act(1, { by: { userId: 'u2', username: 'minh', agencyId } });
      await database.transaction((tx) => test.trail.record(tx, of('so-b'), act(1), of('so-a'), of('so-b')));
      expect((await rows('so-b')).map((row) => row.seq)).toEqual([1, 2]);
      expect((await rows('so-a')).map((row) => row.seq)).toEqual([1]);
      expect((await rows()).map((row) => row.seq)).toEqual([1]);
      const [a] = await rows('so-a');
      expect(a?.prev_hash.equals(genesisHash('centre'))).toBe(false);
      expect((await test.check()).chains.map(({ chain, firstBad }) => [chain, firstBad])).toEqual([
        ['centre', null],
        ['so-a', null],
        ['so-b', null],
      ]);
    });

    it('writes what has no transaction soon, in one with what has gathered meanwhile', async () => {
      for (let n = 1; n <= 250; n++) await test.trail.note(act(n, { action: 'quarantine.read' }));
      await test.trail.settled();
      const written = await rows();
      expect(written.map((row) => row.object_id)).toEqual(
        Array.from({ length: 250 }, (_, i) => `device-${i + 1}`),
      );
      expect(written[0]).toMatchObject({ before: null, after: null });
      expect(await test.check()).toMatchObject({ chains: [{ firstBad: null, rows: 250 }] });
    });

    it('has a read of restricted data committed before the promise resolves', async () => {
      await test.trail.note(act(1, { action: 'quarantine.read' }), { must: true });
      expect(await rows()).toHaveLength(1);
    });

    it('counts repetitions within a window instead of writing each', async () => {
      const look = () =>
        test.trail.note(act(1, { action: 'camera.snapshot', before: null, after: { width: 320 } }), {
          must: true,
          fold: { key: 's1 camera-1', windowMs: 60_000 },
        });
      for (let n = 0; n < 5; n++) await look();
      expect(await rows()).toHaveLength(1);
      clock.advance(60_000);
      await test.trail.settled();
      expect((await rows()).map((row) => row.after)).toEqual([
        '{"width":320}',
        '{"more":4,"seconds":60,"width":320}',
      ]);
      await look();
      expect(await rows()).toHaveLength(3);
      clock.advance(60_000);
      await test.trail.settled();
      expect(await rows()).toHaveLength(3);
    });

    it('refuses to change, remove or truncate rows', async () => {
      await database.transaction((tx) => test.trail.record(tx, act(1), act(2)));
      for (const text of [
        `update audit_log set actor_name = 'x'`,
        'delete from audit_log where seq = 1',
        'truncate audit_log',
        'delete from audit_checkpoints',
        'truncate audit_log cascade',
      ]) {
        const refused = database.query({ text, values: [] });
        if (text === 'delete from audit_checkpoints') await expect(refused).rejects.toThrow('append-only');
        else await expect(refused).rejects.toThrow('audit_log is append-only');
      }
      expect(await rows()).toHaveLength(2);
    });
  },
);

describe('notes when the database is away', () => {
  const clock = manualClock(START);
  /** A database that can be switched off. */
  const switched = () => {
    const state = { isOn: true, error: new AppError('db.unavailable') as Error, written: 0 };
    const database: Database = {
      query: async () => [],
      transaction: async (work) => {
        if (!state.isOn) throw state.error;
        return work({
          inTransaction: true,
          query: async <Row>(query: { values: unknown[] }) => {
            state.written += (query.values[1] as string[]).length;
            return [{ seq: state.written }] as Row[];
          },
        });
      },
      as: () => {
        throw new Error('nobody asks for anything here');
      },
    };
    return { state, database };
  };
  const open = (maxBytes = 10_000) => {
    const { state, database } = switched();
    const health = createHealth(clock);
    const trail = createTrail({ database, clock, logger: testLogger(), health, limits: { maxBytes } });
    return { state, trail, health };
  };
  /** Moves the clock over the pauses between tries until nothing waits. */
  const settled = async (trail: Trail) => {
    let isDone = false;
    void trail.settled().then(() => {
      isDone = true;
    });
    await until('everything written', () => {
      clock.advance(1000);
      return isDone;
    });
  };
  const read = (n: number) => act(n, { action: 'quarantine.read' });

  it('are kept up to the bound and written when it is back; what was dropped is counted', async () => {
    const { state, trail, health } = open(2000);
    state.isOn = false;
    for (let n = 0; n < 20; n++) await trail.note(read(n));
    const { waiting, dropped } = trail.stats();
    expect(waiting + dropped).toBe(20);
    expect(dropped).toBeGreaterThan(0);
    await until('the failure', () => health.items()[0]?.state === 'degraded');
    state.isOn = true;
    await settled(trail);
    // And one more: the entry that says how many were dropped.
    expect(state.written).toBe(waiting + 1);
    expect(health.items()[0]?.state).toBe('ok');
  });

  it('of restricted data fail instead, so that the data are not handed out', async () => {
    const { state, trail } = open();
    state.isOn = false;
    await expect(trail.note(read(1), { must: true })).rejects.toThrow('db.unavailable');
    const fold = { key: 'k', windowMs: 60_000 };
    const refused = trail.note(read(1), { must: true, fold });
    void settled(trail);
    await expect(refused).rejects.toThrow('db.unavailable');
    state.isOn = true;
    const written = trail.note(read(1), { must: true, fold });
    await settled(trail);
    await written;
    expect(state.written).toBe(1);
  });

  it('that the database refuses for good do not stop the others', async () => {
    const { state, trail } = open();
    state.isOn = false;
    state.error = Object.assign(new Error('bad value'), { code: '22P02' });
    await trail.note(read(1));
    await trail.note(read(2));
    await until('the first is given up', () => {
      clock.advance(1000);
      return trail.stats().dropped > 0;
    });
    state.isOn = true;
    await settled(trail);
    const { waiting, dropped } = trail.stats();
    // What was given up is counted in an entry of its own.
    expect([waiting, state.written]).toEqual([0, 2 - dropped + 1]);
  });

  it('are written at the end, counts of repetitions included', async () => {
    const { state, trail } = open();
    const fold = { key: 'k', windowMs: 60_000 };
    for (let n = 0; n < 3; n++) await trail.note(read(1), { fold });
    await trail.stop();
    expect(state.written).toBe(2);
    await expect(trail.note(read(1), { must: true })).rejects.toThrow('system.not_ready');
  });
});
