import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { act, createTestTrail, type TestTrail } from '../../test/support/audit.ts';
import {
  createTestDatabase,
  type PostgresCluster,
  postgresBin,
  startCluster,
} from '../../test/support/postgres.ts';
import type { OpenDatabase } from '../db/index.ts';
import { anchorFiles } from './anchors/log.ts';
import { rowHash } from './canonical.ts';
import { canonicalRow } from './row.ts';
import { rowsAfter } from './sql.ts';

const ROWS = 20;

/** Somebody who is superuser of the database, and knows how the chain is made. */
describe.skipIf(!postgresBin())('whoever tampers with the trail as superuser', () => {
  let cluster: PostgresCluster;
  let database: OpenDatabase;
  let test: TestTrail;
  const clock = manualClock(0);

  beforeAll(() => {
    cluster = startCluster();
  });
  afterAll(() => cluster?.remove());
  beforeEach(async () => {
    clock.set(Date.parse('2026-11-22T01:00:00Z'));
    database = await createTestDatabase(cluster);
    test = await createTestTrail(database, clock);
    // Anchored after row 12 and at the end, as by two ticks of the minute.
    for (let n = 1; n <= 12; n++) await database.transaction((tx) => test.trail.record(tx, act(n)));
    await test.anchor();
    clock.advance(60_000);
    for (let n = 13; n <= ROWS; n++) await database.transaction((tx) => test.trail.record(tx, act(n)));
    await test.anchor();
    expect(await test.check()).toMatchObject({ ok: true, chains: [{ rows: ROWS, anchoredTo: ROWS }] });
    await run('alter table audit_log disable trigger user');
    return async () => {
      await database.close();
      test.close();
    };
  });

  const run = (text: string, ...values: unknown[]) => database.query({ text, values });
  const rows = () => rowsAfter(database, 'centre', 0, 1e9, 1000);
  const firstBad = async () => {
    const { ok, chains } = await test.check();
    expect(ok).toBe(false);
    return chains[0]?.firstBad;
  };
  /** Makes the hashes of the rows from a number on fit again, as the product would have made them. */
  const rechain = async (from: number, upTo = Infinity) => {
    const all = await rows();
    let prev = all.find((row) => row.seq === from - 1)?.hash;
    for (const row of all.filter(({ seq }) => seq >= from && seq <= upTo)) {
      const before: Buffer = prev ?? row.prev_hash;
      prev = rowHash(before, row.seq, canonicalRow(row));
      await run('update audit_log set prev_hash = $1, hash = $2 where seq = $3', before, prev, row.seq);
    }
  };
  /** Frees the numbers from `from` on by `by`; in two steps, for numbers are unique. */
  const shift = async (from: number, by: number) => {
    await run('update audit_log set seq = seq + 1000000 where seq >= $1', from);
    await run('update audit_log set seq = seq - 1000000 + $1 where seq > 1000000', by);
  };
  const forge = async (seq: number) => {
    await run(
      `insert into audit_log (chain, seq, at, action, actor_id, actor_name, prev_hash, hash)
       select chain, $1, at, 'account.grants', 'u1', 'lan', hash, hash from audit_log where seq = $2`,
      seq,
      seq - 1,
    );
  };

  describe('by an edit', () => {
    it.each([
      ['a name', `update audit_log set actor_name = 'mai' where seq = 7`],
      ['the time by a microsecond', `update audit_log set at = at + interval '1 microsecond' where seq = 7`],
      ['a blank in a kept object', `update audit_log set after = '{"name": "Trạm 7"}' where seq = 7`],
      ['a value to none', `update audit_log set ip = null where seq = 7`],
      ['none to a value', `update audit_log set reason = '' where seq = 7`],
      ['the link', `update audit_log set prev_hash = sha256('x') where seq = 7`],
      ['the hash', `update audit_log set hash = sha256('x') where seq = 7`],
    ])('of %s is found at its row', async (_what, text) => {
      await run(text);
      expect(await firstBad()).toEqual({ seq: 7, kind: 'edited', other: null, anchoredAt: null });
    });

    it('whose hash was made to fit is found at its row, with the anchors and without', async () => {
      await run(`update audit_log set actor_name = 'mai' where seq = 7`);
      await rechain(7, 7);
      expect(await firstBad()).toMatchObject({ seq: 7, kind: 'edited' });
      for (const file of anchorFiles(test.folder)) writeFileSync(join(test.folder, file), '');
      expect(await firstBad()).toMatchObject({ seq: 7, kind: 'edited', anchoredAt: null });
    });

    it('of two swapped fields is found', async () => {
      await run(`update audit_log set object_id = object_name, object_name = object_id where seq = 7`);
      expect(await firstBad()).toMatchObject({ seq: 7, kind: 'edited' });
    });
  });

  describe('by taking rows out', () => {
    it('is found at the first that is missing', async () => {
      await run('delete from audit_log where seq in (5, 6, 9)');
      expect(await firstBad()).toEqual({ seq: 5, kind: 'missing', other: 6, anchoredAt: null });
    });

    it('is found when it was the first row', async () => {
      await run('delete from audit_log where seq = 1');
      expect(await firstBad()).toMatchObject({ seq: 1, kind: 'missing', other: 1 });
    });

    it('is found when the numbers behind were closed up', async () => {
      await run('delete from audit_log where seq in (5, 6)');
      await shift(7, -2);
      expect(await firstBad()).toEqual({ seq: 5, kind: 'missing', other: 6, anchoredAt: null });
    });

    it('is found when the whole chain was made anew without it', async () => {
      await run('delete from audit_log where seq = 5');
      await shift(6, -1);
      await rechain(5);
      expect(await firstBad()).toMatchObject({ seq: 5, kind: 'rewritten' });
    });
  });

  it.each([
    [5, 6],
    [5, 15],
    [19, 20],
  ])('by changing the order of rows %i and %i is found at the first of them', async (a, b) => {
    await run('update audit_log set seq = 1000000 where seq = $1', a);
    await run('update audit_log set seq = $1 where seq = $2', a, b);
    await run('update audit_log set seq = $1 where seq = 1000000', b);
    expect(await firstBad()).toEqual({ seq: a, kind: 'moved', other: b, anchoredAt: null });
  });

  describe('by putting a row in', () => {
    it('is found at the row, whatever its hash', async () => {
      await shift(8, 1);
      await forge(8);
      expect(await firstBad()).toMatchObject({ seq: 8, kind: 'inserted' });
    });

    it('is found at the row when its hash fits', async () => {
      await shift(8, 1);
      await forge(8);
      await rechain(8, 8);
      expect(await firstBad()).toMatchObject({ seq: 8, kind: 'inserted' });
    });

    it('is found at the row when its hash fits and there are no anchors', async () => {
      for (const file of anchorFiles(test.folder)) writeFileSync(join(test.folder, file), '');
      await shift(8, 1);
      await forge(8);
      await rechain(8, 8);
      expect(await firstBad()).toMatchObject({ seq: 8, kind: 'inserted', anchoredAt: null });
    });

    it('is found when everything behind was made anew', async () => {
      await shift(8, 1);
      await forge(8);
      await rechain(8);
      expect(await firstBad()).toMatchObject({ seq: 8, kind: 'rewritten' });
    });
  });

  it('by cutting off the tail is found at the first row that is gone', async () => {
    await run('delete from audit_log where seq > 16');
    expect(await firstBad()).toEqual({
      seq: 17,
      kind: 'cut',
      other: ROWS,
      anchoredAt: '2026-11-22T01:01:00.000Z',
    });
  });

  it('by removing the whole chain is found', async () => {
    await run('delete from audit_log');
    expect(await firstBad()).toMatchObject({ seq: 1, kind: 'cut', other: ROWS });
  });

  it.each([1, 3, 12, 13, 20])('by rewriting everything from row %i is found at that row', async (k) => {
    await run(`update audit_log set actor_name = 'mai' where seq = $1`, k);
    await rechain(k);
    expect(await firstBad()).toMatchObject({ seq: k, kind: 'rewritten', other: null });
    expect((await firstBad())?.anchoredAt).not.toBeNull();
  });

  it('is seen by the running product at the next anchor', async () => {
    await run('delete from audit_log where seq > 16');
    await test.anchor();
    expect(test.health.items().find(({ component }) => component === 'audit.anchors')).toMatchObject({
      state: 'down',
    });
  });

  describe('and with the anchors, but without their key,', () => {
    const file = () => join(test.folder, anchorFiles(test.folder)[0] ?? '');
    const lines = () => readFileSync(file(), 'utf8').split('\n').slice(0, -1);
    const problems = async () => {
      const { ok, anchors } = await test.check();
      expect(ok).toBe(false);
      return anchors.problems.map(({ line, kind }) => [line, kind]);
    };

    it('is found by the signature of the line that was changed', async () => {
      writeFileSync(file(), `${lines().join('\n').replace('"seq":12', '"seq":11')}\n`);
      expect(await problems()).toEqual([
        [2, 'signature'],
        [3, 'link'],
      ]);
    });

    it('is found by the link over the line that was taken out', async () => {
      const [open, , second] = lines();
      writeFileSync(file(), `${open}\n${second}\n`);
      expect(await problems()).toEqual([[2, 'link']]);
    });

    it('is found when a line is made unreadable', async () => {
      const [open, first, second] = lines();
      writeFileSync(file(), `${open}\n${first?.slice(0, 50)}\n${second}\n`);
      expect(await problems()).toEqual([
        [2, 'unreadable'],
        [3, 'link'],
      ]);
    });

    it('is found when all anchors are taken away', async () => {
      rmSync(file());
      expect(await test.check()).toMatchObject({ ok: false, anchors: { missing: true } });
    });
  });
});
