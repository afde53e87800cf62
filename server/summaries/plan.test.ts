import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSpans, planParts } from './plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNIT = { values: 1, '1m': MINUTE, '1h': HOUR, '1d': DAY };

const plan = fc.record({
  fromMs: fc.integer({ min: 0, max: 40 * DAY }),
  spanMs: fc.integer({ min: 1, max: 40 * DAY }),
  widthMs: fc.constantFrom(1000, 90_000, MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY),
  offsetMs: fc.constantFrom(0, 7 * HOUR, 5.5 * HOUR, 1000),
  watermarkMs: fc.option(
    fc.integer({ min: 0, max: 2000 }).map((hours) => hours * HOUR),
    { nil: null },
  ),
});

describe('the parts of a span', () => {
  it('follow each other from its start to its end, and each lies on the edges of its summary', () => {
    fc.assert(
      fc.property(plan, ({ fromMs, spanMs, widthMs, offsetMs, watermarkMs }) => {
        const toMs = fromMs + spanMs;
        const bucketStartMs = Math.floor((fromMs - offsetMs) / widthMs) * widthMs + offsetMs;
        const doneMs = Math.min(toMs, watermarkMs ?? 0);
        const days = {
          fromMs: Math.ceil((fromMs - offsetMs) / DAY) * DAY + offsetMs,
          toMs: Math.floor((doneMs - offsetMs) / DAY) * DAY + offsetMs,
        };
        const parts = planParts({ fromMs, toMs, widthMs, bucketStartMs, watermarkMs, days });
        let at = fromMs;
        for (const part of parts) {
          expect(part.fromMs).toBe(at);
          expect(part.toMs).toBeGreaterThan(at);
          at = part.toMs;
          if (part.source === 'values') continue;
          expect(part.toMs).toBeLessThanOrEqual(watermarkMs ?? 0);
          // No bucket of the summary may lie across the edge of a bucket that was asked for.
          const unit = UNIT[part.source];
          const shift = part.source === '1d' ? offsetMs : 0;
          expect((part.fromMs - shift) % unit).toBe(0);
          expect((part.toMs - shift) % unit).toBe(0);
          expect(widthMs % unit).toBe(0);
          expect(Math.abs((bucketStartMs - shift) % unit)).toBe(0);
        }
        expect(at).toBe(toMs);
      }),
    );
  });

  it('come from the days where a year is asked for by days, and from nothing coarser than the buckets', () => {
    const year = { fromMs: 0, toMs: 365 * DAY, bucketStartMs: 0, watermarkMs: 364 * DAY };
    const days = { fromMs: 0, toMs: 364 * DAY };
    expect(planParts({ ...year, widthMs: DAY, days }).map(({ source }) => source)).toEqual(['1d', 'values']);
    expect(planParts({ ...year, widthMs: HOUR, days }).map(({ source }) => source)).toEqual(['1h', 'values']);
    expect(planParts({ ...year, widthMs: 90_000, days }).map(({ source }) => source)).toEqual(['values']);
    expect(planParts({ ...year, fromMs: 90_000, widthMs: HOUR }).map(({ source }) => source)).toEqual([
      'values',
      '1m',
      '1h',
      'values',
    ]);
  });
});

describe('spans that wait', () => {
  it('are merged so that each moment of a series is in one of them exactly when it was in any', () => {
    const span = fc.record({
      seriesId: fc.integer({ min: 1, max: 2 }),
      fromMs: fc.integer({ min: 0, max: 20 }),
      lengthMs: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), (drawn) => {
        const spans = drawn.map(({ seriesId, fromMs, lengthMs }) => ({
          seriesId,
          fromMs,
          toMs: fromMs + lengthMs,
        }));
        const merged = mergeSpans(spans, 3, 18);
        for (let at = 0; at < 30; at++) {
          for (const seriesId of [1, 2]) {
            const holds = (one: (typeof spans)[number]) =>
              one.seriesId === seriesId && one.fromMs <= at && at < one.toMs;
            expect(merged.filter(holds)).toHaveLength(at >= 3 && at < 18 && spans.some(holds) ? 1 : 0);
          }
        }
      }),
    );
  });
});
