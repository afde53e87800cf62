import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from './time.ts';

const MIN = Date.UTC(1990, 0, 1);
const MAX = Date.UTC(2100, 0, 1);

/** The same moment as ISO 8601 with an offset of so many minutes. */
function iso(ms: number, offsetMin: number, colon = true): string {
  const local = new Date(ms + offsetMin * 60_000).toISOString().slice(0, -1);
  const abs = Math.abs(offsetMin);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${local}${offsetMin < 0 ? '-' : '+'}${two(Math.floor(abs / 60))}${colon ? ':' : ''}${two(abs % 60)}`;
}

describe('times as devices send them', () => {
  it('gives back any moment written with any offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: MIN, max: MAX }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        fc.boolean(),
        (ms, offset, colon) => {
          expect(parseTime(iso(ms, offset, colon))).toBe(ms);
        },
      ),
    );
  });

  it('takes epoch milliseconds as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN, max: MAX }), (ms) => {
        expect(parseTime(ms)).toBe(ms);
      }),
    );
  });

  it('refuses the same moment in seconds, microseconds and as a fraction', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN, max: MAX }), (ms) => {
        expect(parseTime(Math.floor(ms / 1000))).toBeUndefined();
        expect(parseTime(ms * 1000)).toBeUndefined();
        expect(parseTime(ms + 0.5)).toBeUndefined();
        expect(parseTime(String(ms))).toBeUndefined();
      }),
    );
  });

  it('never gives a moment for a text that is no complete time', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN, max: MAX }), fc.nat({ max: 24 }), (ms, cut) => {
        const whole = new Date(ms).toISOString();
        fc.pre(cut < whole.length);
        expect(parseTime(whole.slice(0, cut))).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseTime(text)));
  });

  it.each([
    ['2026-11-22T08:00:00Z', Date.UTC(2026, 10, 22, 8)],
    ['2026-11-22t08:00:00z', Date.UTC(2026, 10, 22, 8)],
    ['2026-11-22 08:00:00+07:00', Date.UTC(2026, 10, 22, 1)],
    ['2026-11-22T08:00+07', Date.UTC(2026, 10, 22, 1)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2026-11-22T08:00:00.123456789Z', Date.UTC(2026, 10, 22, 8) + 0.123456 * 1000],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])('reads %s', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    '2026-11-22T08:00:00',
    '2026-11-22',
    '08:00:00Z',
    '2016-12-31T23:59:60Z',
    '2025-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+15:00',
    '2026-01-01T00:00:00+07:60',
    '294276-12-31T23:59:59Z',
    '0000-00-00T00:00:00Z',
    'now',
    '',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    true,
    null,
    {},
    [],
  ])('refuses %j', (ts) => {
    expect(parseTime(ts)).toBeUndefined();
  });
});
