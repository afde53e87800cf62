/** Kinds about one device against an evaluator that was written from the rule's words and knows all items at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourlyIndex } from '../../core/air-quality.ts';
import type { Observation } from '../../core/reading.ts';
import {
  amountAt,
  byDefinition,
  delays,
  type Episode,
  episodesOf,
  group,
  MINUTE,
  series,
  T0,
  value,
} from '../../test/support/rule-alarms.ts';

// The same cases on every machine; other seeds are for the day on which a kind is changed.
fc.configureGlobal({ seed: 20261122 });
const RUNS = { numRuns: 150 };
const HOUR = 3_600_000;

describe('kinds of one device', () => {
  it('band', () => {
    fc.assert(
      fc.property(series, delays, fc.constantFrom('outside', 'inside'), (items, wait, alarm) => {
        const rule = { quantity: 'pm25', low: 5, high: 12, alarm, deadband: 2, ...wait };
        const expected = byDefinition(
          items,
          (index) => {
            const v = amountAt(items, index);
            return alarm === 'outside'
              ? { holds: v < 5 || v > 12, safe: v >= 7 && v <= 10 }
              : { holds: v >= 5 && v <= 12, safe: v <= 3 || v >= 14 };
          },
          wait,
        );
        expect(episodesOf('band', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('n-of-m', () => {
    fc.assert(
      fc.property(series, delays, fc.integer({ min: 1, max: 4 }), (items, wait, n) => {
        const rule = { quantity: 'pm25', above: 10, n, m: 5, ...wait };
        const expected = byDefinition(
          items,
          (index) => ({
            holds:
              items.slice(Math.max(0, index - 4), index + 1).filter((item) => item.value > 10).length >= n,
          }),
          wait,
        );
        expect(episodesOf('n-of-m', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('count-in-window ends by the clock, whatever comes', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 4 }), (items, count) => {
        const windowMs = 60 * MINUTE;
        const rule = { quantity: 'pm25', above: 10, count, windowS: 3600 };
        const events = items.filter((item) => item.value > 10).map((item) => item.timeMs);
        const countAt = (time: number) =>
          events.filter((event) => event <= time && event > time - windowMs).length;
        const expected: Episode[] = [];
        const last = items.at(-1)?.timeMs ?? 0;
        // Every moment at which the count can change and somebody looks: an event, or one dropping out.
        const moments = [
          ...new Set([...items.map((item) => item.timeMs), ...events.map((event) => event + windowMs)]),
        ]
          .filter((time) => time <= last)
          .sort((a, b) => a - b);
        let raised = false;
        for (const time of moments) {
          const holds = countAt(time) >= count;
          if (holds && !raised) expected.push([time, null]);
          if (!holds && raised) (expected.at(-1) as Episode)[1] = time;
          raised = holds;
        }
        expect(episodesOf('count-in-window', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('frozen-value', () => {
    fc.assert(
      fc.property(
        series.map((items) => items.map((item) => ({ ...item, value: Math.floor(item.value / 8) }))),
        (items) => {
          const rule = { quantity: 'pm25', stillS: 1800, minSamples: 3, exceptAt: 0 };
          const expected = byDefinition(items, (index) => {
            let first = index;
            while (first > 0 && amountAt(items, first - 1) === amountAt(items, index)) first -= 1;
            const still = (items[index]?.timeMs ?? 0) - (items[first]?.timeMs ?? 0);
            return { holds: amountAt(items, index) !== 0 && still >= 30 * MINUTE && index - first + 1 >= 3 };
          });
          expect(episodesOf('frozen-value', rule, items)).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  it('spike', () => {
    fc.assert(
      fc.property(series, delays, (items, wait) => {
        const rule = { quantity: 'pm25', jump: 6, samples: 5, ...wait };
        const expected = byDefinition(
          items,
          (index) => {
            if (index < 5) return null;
            const before = items.slice(index - 5, index).map((item) => item.value);
            const middle = before.sort((a, b) => a - b)[2] ?? 0;
            return { holds: Math.abs(amountAt(items, index) - middle) > 6 };
          },
          wait,
        );
        expect(episodesOf('spike', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('last-week', () => {
    const twoWeeks = fc
      .array(fc.tuple(fc.integer({ min: 20, max: 600 }), fc.integer({ min: 1, max: 20 })), {
        minLength: 30,
        maxLength: 90,
      })
      .map((steps) => {
        let timeMs = T0;
        return steps.map(([minutes, amount]) => {
          timeMs += minutes * MINUTE;
          return value(timeMs, amount);
        });
      });
    fc.assert(
      fc.property(twoWeeks, (items) => {
        const rule = { quantity: 'pm25', morePercent: 50 };
        const hour = (timeMs: number) => Math.floor(timeMs / HOUR);
        const expected = byDefinition(items, (index) => {
          const now = items[index] as Observation;
          const then = items.filter((item) => hour(item.timeMs) === hour(now.timeMs) - 168);
          if (then.length === 0) return null;
          const mean = then.reduce((sum, item) => sum + item.value, 0) / then.length;
          return { holds: now.value - mean > mean * 0.5 };
        });
        expect(episodesOf('last-week', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('expression', () => {
    fc.assert(
      fc.property(group, delays, (items, wait) => {
        const mixed = items.map((item) => ({
          ...item,
          deviceId: 'a',
          quantity: item.seriesId % 2 === 0 ? 'pm25' : 'humidity',
          seriesId: item.seriesId % 2,
        }));
        const inOrder = mixed.filter(
          (item, index) =>
            !mixed.slice(0, index).some((o) => o.seriesId === item.seriesId && o.timeMs >= item.timeMs),
        );
        const rule = {
          inputs: ['pm25', 'humidity'],
          expression: 'pm25 + humidity > 22',
          maxAgeS: 3600,
          ...wait,
        };
        const expected = byDefinition(
          inOrder,
          (index) => {
            const upTo = inOrder.slice(0, index + 1);
            const now = Math.max(...upTo.map((item) => item.timeMs));
            const newest = ['pm25', 'humidity'].map((of) => upTo.findLast((item) => item.quantity === of));
            if (newest.some((item) => !item || now - item.timeMs > HOUR)) return null;
            return { holds: newest.reduce((sum, item) => sum + (item?.value ?? 0), 0) > 22 };
          },
          wait,
        );
        expect(episodesOf('expression', rule, inOrder)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('sequence', () => {
    fc.assert(
      fc.property(group, (items) => {
        const names = ['first_a', 'then_b', 'without_c', 'other'];
        const events = items.map((item) => ({ ...item, quantity: names[item.seriesId] ?? 'other' }));
        const rule = {
          first: { quantity: 'first_a', above: 10 },
          second: { quantity: 'then_b', above: 10 },
          without: { quantity: 'without_c', above: 10 },
          withinS: 1800,
          per: 'group',
          showS: 1,
        };
        const of = (name: string) => events.filter((item) => item.quantity === name && item.value > 10);
        const expected = of('then_b')
          .filter((b) => {
            const a = of('first_a').findLast((item) => item.timeMs < b.timeMs);
            const c = a && of('without_c').some((item) => item.timeMs > a.timeMs && item.timeMs < b.timeMs);
            return a !== undefined && !c && b.timeMs - a.timeMs <= 1800_000;
          })
          .map((b) => b.timeMs);
        expect(episodesOf('sequence', rule, events).map(([raisedAt]) => raisedAt)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe('kinds by table', () => {
  const hours = fc.array(fc.option(fc.integer({ min: 0, max: 200 }), { nil: null, freq: 4 }), {
    maxLength: 40,
  });

  it('vn-aqi judges every hour once, whatever the order of its pollutants', () => {
    fc.assert(
      fc.property(hours, hours, fc.infiniteStream(fc.boolean()), (dust, gas, swap) => {
        const items: Observation[] = [];
        for (let hour = 0; hour < Math.max(dust.length, gas.length); hour += 1) {
          const here = [
            ...(dust[hour] == null ? [] : [value(T0 + hour * HOUR, dust[hour] ?? 0, { seriesId: 1 })]),
            ...(gas[hour] == null
              ? []
              : [value(T0 + hour * HOUR, gas[hour] ?? 0, { quantity: 'no2', seriesId: 2 })]),
          ];
          items.push(...(swap.next().value ? here.reverse() : here));
        }
        const rule = { above: 100, clearBelow: 90, pollutants: ['pm25', 'no2'], hourlyMeans: true };
        const back = (all: (number | null)[], hour: number) =>
          Array.from({ length: 12 }, (_, age) => all[hour - age] ?? null);
        const expected: Episode[] = [];
        let raised = false;
        const hoursSeen = [...new Set(items.map((item) => (item.timeMs - T0) / HOUR))];
        for (const [index, hour] of hoursSeen.entries()) {
          const whole = dust[hour] != null && gas[hour] != null;
          // An hour that lacks a pollutant is judged when the next one begins.
          const judgedAt = whole ? hour : hoursSeen[index + 1];
          if (judgedAt === undefined) continue;
          const air = hourlyIndex({ pm25: back(dust, hour), no2: back(gas, hour) });
          if (!air) continue;
          if (!raised && air.index > 100) expected.push([T0 + judgedAt * HOUR, null]);
          else if (raised && air.index < 90) (expected.at(-1) as Episode)[1] = T0 + judgedAt * HOUR;
          else continue;
          raised = !raised;
        }
        expect(episodesOf('vn-aqi', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('standard-limit takes the mean of the hours that are there, and the limit of the day', () => {
    fc.assert(
      fc.property(hours, (means) => {
        const begin = Date.UTC(2025, 11, 31);
        const items = means.flatMap((mean, hour) =>
          mean === null ? [] : [value(begin + hour * HOUR, mean)],
        );
        const rule = { table: 'qcvn-05-2023', quantity: 'pm25', averagingH: 24, hourlyMeans: true };
        const expected = byDefinition(items, (index) => {
          const hour = ((items[index]?.timeMs ?? 0) - begin) / HOUR;
          const known = means
            .slice(Math.max(0, hour - 23), hour + 1)
            .filter((mean): mean is number => mean !== null);
          if (known.length < 18) return null;
          // Midnight in Việt Nam is 17:00 UTC.
          const limit = hour >= 17 ? 45 : 50;
          return { holds: known.reduce((sum, mean) => sum + mean, 0) / known.length > limit };
        });
        expect(episodesOf('standard-limit', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });
});
