import { describe, expect, it } from 'vitest';
import { manualClock } from '../core/clock.ts';
import { createHealth } from '../server/system/index.ts';
import { testLogger } from '../test/support/logger.ts';
import { createLight } from './health-light.ts';
import { type Books, createReconciliation } from './reconciliation.ts';

const GOOD: Books = {
  received: 10,
  settled: 7,
  waiting: 3,
  parts: 40,
  stored: 30,
  duplicates: 6,
  refused: 4,
  rowsInDatabase: 30,
};

function setUp() {
  const clock = manualClock(0);
  const health = createHealth(clock);
  let books = GOOD;
  const reconciliation = createReconciliation({
    clock,
    logger: testLogger(),
    light: createLight({
      component: 'ingest.reconciliation',
      ok: { vi: 'khớp', en: 'adds up' },
      health,
      logger: testLogger(),
      clock,
    }),
    books: () => books,
  });
  const item = () => health.items().find(({ component }) => component === 'ingest.reconciliation');
  return {
    clock,
    reconciliation,
    item,
    change(over: Partial<Books>) {
      books = { ...books, ...over };
    },
  };
}

describe('the books of ingest', () => {
  it('add up: received, settled, waiting; found, stored, duplicate, refused; stored, in the database', () => {
    const { reconciliation, item } = setUp();
    expect(reconciliation.check()).toEqual([]);
    expect(reconciliation.balanced).toBe(true);
    expect(item()?.state).toBe('ok');
  });

  it.each([
    ['a message is lost on the way', { settled: 6 }, /received.* = 1$/],
    ['a reading is lost on the way', { stored: 29, rowsInDatabase: 29 }, /found.* = 1$/],
    ['a reading is made up', { duplicates: 7 }, /found.* = -1$/],
    ['the database took fewer rows than it should', { rowsInDatabase: 28 }, /stored.* = 2$/],
  ])('say so when %s, by themselves and until the process ends', (_, over, found) => {
    const { clock, reconciliation, item, change } = setUp();
    reconciliation.start();
    clock.advance(60_000);
    expect(item()?.state).toBe('ok');
    change(over);
    clock.advance(10_000);
    expect(item()).toMatchObject({ state: 'degraded', code: 'internal' });
    expect(reconciliation.check().join()).toMatch(found);
    change(GOOD);
    clock.advance(60_000);
    expect(item()?.state).toBe('degraded');
    expect(reconciliation.balanced).toBe(false);
    reconciliation.stop();
  });
});
