/** Every kind with a condition against an evaluator that was written from the rule's words and knows all items at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourlyIndex } from '../../core/air-quality.ts';
import { fastDistanceM } from '../../core/plane.ts';
import type { Evaluable, LonLat, Observation, PositionFix } from '../../core/reading.ts';
import { borderDistanceM, flattenPolygon } from '../../gis/index.ts';
import { type Episode, episodesOf } from '../../test/support/rule-alarms.ts';

// The same cases on every machine; other seeds are for the day on which a kind is changed.
fc.configureGlobal({ seed: 20261122 });

const MINUTE = 60_000;
const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 0, 5);

const value = (timeMs: number, amount: number, more: Partial<Observation> = {}): Observation => ({
  kind: 'value',
  deviceId: 'a',
  seriesId: 1,
  quantity: 'pm25',
  timeMs,
  value: amount,
  quality: 0,
  areaId: null,
  position: null,
  ...more,
});

/** Values of one device, whole minutes apart. */
const series = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 20 })), { maxLength: 60 })
  .map((steps) => {
    let timeMs = T0;
    return steps.map(([minutes, amount]) => {
      timeMs += minutes * MINUTE;
      return value(timeMs, amount);
    });
  });

/** Values of four devices, in the order of their times; two may share a time. */
const group = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 3 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((steps) => {
    let timeMs = T0;
    const newest = new Map<number, number>();
    return steps.flatMap(([minutes, amount, device]) => {
      timeMs += minutes * MINUTE;
      if (newest.get(device) === timeMs) return [];
      newest.set(device, timeMs);
      return [value(timeMs, amount, { deviceId: `d${device}`, seriesId: device })];
    });
  });

type Verdict = { holds: boolean; safe?: boolean } | null;

/** Hold and off-delay by their definition, over what every item says. */
function byDefinition(
  items: readonly Evaluable[],
  says: (index: number) => Verdict,
  { forS = 0, offS = 0 }: { forS?: number | undefined; offS?: number | undefined } = {},
): Episode[] {
  const episodes: Episode[] = [];
  let since: number | null = null;
  let safeSince: number | null = null;
  let raised = false;
  let now = 0;
  for (const [index, item] of items.entries()) {
    const verdict = says(index);
    now = Math.max(now, item.timeMs);
    if (verdict === null) continue;
    const safe = verdict.safe ?? !verdict.holds;
    if (raised) {
      safeSince = safe ? (safeSince ?? now) : null;
      if (safeSince !== null && now - safeSince >= offS * 1000) {
        (episodes.at(-1) as Episode)[1] = now;
        raised = false;
        since = null;
      }
      continue;
    }
    since = verdict.holds ? (since ?? now) : null;
    if (since !== null && now - since >= forS * 1000) {
      raised = true;
      safeSince = null;
      episodes.push([now, null]);
    }
  }
  return episodes;
}

const delays = fc.record({
  forS: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * 60),
  offS: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * 60),
});
const RUNS = { numRuns: 150 };
const amountAt = (items: readonly Observation[], index: number) => items[index]?.value ?? 0;

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

describe('kinds of several devices', () => {
  const newestUpTo = (items: readonly Observation[], index: number, maxAgeMs: number) => {
    const upTo = items.slice(0, index + 1);
    const now = Math.max(...upTo.map((item) => item.timeMs));
    return [...new Set(upTo.map((item) => item.deviceId))]
      .map((id) => upTo.findLast((item) => item.deviceId === id) as Observation)
      .filter((item) => now - item.timeMs <= maxAgeMs);
  };

  it('k-of-n', () => {
    fc.assert(
      fc.property(group, delays, (items, wait) => {
        const rule = { quantity: 'pm25', above: 10, k: 2, maxAgeS: 1800, ...wait };
        const expected = byDefinition(
          items,
          (index) => ({
            holds: newestUpTo(items, index, 1800_000).filter((item) => item.value > 10).length >= 2,
          }),
          wait,
        );
        expect(episodesOf('k-of-n', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('area-statistic', () => {
    fc.assert(
      fc.property(group, delays, (items, wait) => {
        const rule = {
          quantity: 'pm25',
          statistic: 'mean',
          above: 10,
          minStations: 2,
          maxAgeS: 1800,
          ...wait,
        };
        const expected = byDefinition(
          items,
          (index) => {
            const known = newestUpTo(items, index, 1800_000);
            if (known.length < 2) return null;
            return { holds: known.reduce((sum, item) => sum + item.value, 0) / known.length > 10 };
          },
          wait,
        );
        expect(episodesOf('area-statistic', rule, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  const places: LonLat[] = [
    [105.15, 9.18],
    [105.151, 9.18],
    [105.19, 9.18],
    [105.15, 9.1805],
  ];

  it('nearby-pair', () => {
    fc.assert(
      fc.property(group, (items) => {
        const placed = items.map((item, index) => ({
          ...item,
          quantity: index % 2 === 0 ? 'pm25' : 'temperature',
          position: places[item.seriesId] ?? null,
        }));
        const rule = {
          first: { quantity: 'pm25', above: 10 },
          second: { quantity: 'temperature', above: 10 },
          withinM: 500,
          withinS: 1200,
        };
        const raisedAt: number[] = [];
        let raised = false;
        const moments = [...new Set(placed.flatMap((item) => [item.timeMs, item.timeMs + 1200_000]))].sort(
          (a, b) => a - b,
        );
        const last = placed.at(-1)?.timeMs ?? 0;
        for (const now of moments.filter((time) => time <= last)) {
          const inTime = placed.filter(
            (item) => item.timeMs <= now && now - item.timeMs < 1200_000 && item.value > 10,
          );
          const holds = inTime.some(
            (a) =>
              a.quantity === 'pm25' &&
              inTime.some(
                (b) =>
                  b.quantity === 'temperature' &&
                  b.deviceId !== a.deviceId &&
                  Math.round(fastDistanceM(a.position as LonLat, b.position as LonLat)) <= 500,
              ),
          );
          if (holds && !raised) raisedAt.push(now);
          raised = holds;
        }
        expect(episodesOf('nearby-pair', rule, placed).map(([at]) => at)).toEqual(raisedAt);
      }),
      RUNS,
    );
  });
});

describe('kinds of moving things', () => {
  /** Sure fixes on a grid of about a kilometre. */
  const way = (devices: number) =>
    fc
      .array(
        fc.tuple(
          fc.integer({ min: 0, max: 20 }),
          fc.integer({ min: 0, max: 20 }),
          fc.integer({ min: 0, max: devices - 1 }),
          fc.integer({ min: 0, max: 90 }),
        ),
        { maxLength: 60 },
      )
      .map((steps) =>
        steps.map(
          ([x, y, device, speedKmh], index): PositionFix => ({
            kind: 'position',
            deviceId: `d${device}`,
            seriesId: device,
            timeMs: T0 + index * MINUTE,
            lon: 105 + x / 100,
            lat: 9 + y / 100,
            speedKmh,
            headingDeg: null,
            accuracyM: 1,
            areaId: null,
            unitId: null,
          }),
        ),
      );
  const square = [
    [
      [105.0551, 9.0551],
      [105.1449, 9.0551],
      [105.1449, 9.1449],
      [105.0551, 9.1449],
      [105.0551, 9.0551],
    ],
  ] as [number, number][][];
  const polygon = { type: 'Polygon', coordinates: square };
  const isIn = ({ lon, lat }: PositionFix) =>
    lon > 105.0551 && lon < 105.1449 && lat > 9.0551 && lat < 9.1449;

  it('zone-speed', () => {
    fc.assert(
      fc.property(way(1), delays, (items, wait) => {
        const expected = byDefinition(
          items,
          (index) => {
            const item = items[index] as PositionFix;
            return {
              holds: isIn(item) && (item.speedKmh ?? 0) > 40,
              safe: !isIn(item) || (item.speedKmh ?? 0) < 30,
            };
          },
          wait,
        );
        expect(
          episodesOf('zone-speed', { polygon, aboveKmh: 40, clearBelowKmh: 30, ...wait }, items),
        ).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('geofence inside and outside, with a dwell', () => {
    fc.assert(
      fc.property(way(1), delays, fc.constantFrom('inside', 'outside'), (items, { forS }, on) => {
        const expected = byDefinition(
          items,
          (index) => ({ holds: isIn(items[index] as PositionFix) === (on === 'inside') }),
          {
            forS,
          },
        );
        expect(episodesOf('geofence', { polygon, on, forS }, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('corridor', () => {
    const line: [number, number][] = [
      [105, 9.1],
      [105.1, 9.1],
      [105.2, 9.15],
    ];
    fc.assert(
      fc.property(way(1), delays, (items, wait) => {
        const flat = flattenPolygon([[[...line, ...[...line].reverse()]]]);
        const expected = byDefinition(
          items,
          (index) => {
            const { lon, lat } = items[index] as PositionFix;
            const offM = borderDistanceM(flat, lon, lat);
            return Math.abs(offM - 1500) < 1 ? null : { holds: offM > 1500 };
          },
          wait,
        );
        expect(episodesOf('corridor', { line, widthM: 1500, ...wait }, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('line-crossing sees every change of side of a long line', () => {
    fc.assert(
      fc.property(way(1), (items) => {
        const line = [
          [105.0951, 8],
          [105.0951, 10],
        ];
        const expected = items
          .filter(
            (item, index) =>
              index > 0 && item.lon > 105.0951 !== (items[index - 1] as PositionFix).lon > 105.0951,
          )
          .map((item) => item.timeMs);
        expect(episodesOf('line-crossing', { line, showS: 30 }, items).map(([at]) => at)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('area-count', () => {
    fc.assert(
      fc.property(way(4), delays, (items, wait) => {
        const expected = byDefinition(
          items,
          (index) => {
            const upTo = items.slice(0, index + 1);
            const now = items[index]?.timeMs ?? 0;
            const inside = ['d0', 'd1', 'd2', 'd3'].filter((id) => {
              const last = upTo.findLast((item) => item.deviceId === id);
              return last && now - last.timeMs <= 900_000 && isIn(last);
            });
            return { holds: inside.length > 1 };
          },
          wait,
        );
        expect(episodesOf('area-count', { polygon, above: 1, maxAgeS: 900, ...wait }, items)).toEqual(
          expected,
        );
      }),
      RUNS,
    );
  });

  it('proximity', () => {
    fc.assert(
      fc.property(way(4), delays, (items, wait) => {
        const expected = byDefinition(
          items,
          (index) => {
            const upTo = items.slice(0, index + 1);
            const now = items[index]?.timeMs ?? 0;
            const last = ['d0', 'd1', 'd2', 'd3'].flatMap(
              (id) => upTo.findLast((item) => item.deviceId === id) ?? [],
            );
            const known = last.filter((item) => now - item.timeMs <= 900_000);
            const holds = known.some((a, i) =>
              known.slice(i + 1).some((b) => fastDistanceM([a.lon, a.lat], [b.lon, b.lat]) <= 1700),
            );
            return { holds };
          },
          wait,
        );
        expect(episodesOf('proximity', { withinM: 1700, maxAgeS: 900, ...wait }, items)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('camera-label', () => {
    fc.assert(
      fc.property(series, delays, (items, wait) => {
        const seen = items.map((item) => ({ ...item, quantity: 'gate_person' }));
        const expected = byDefinition(seen, (index) => ({ holds: amountAt(seen, index) >= 3 }), wait);
        const rule = { label: 'person', cameraZone: 'gate', atLeast: 3, ...wait };
        expect(episodesOf('camera-label', rule, seen)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe('items that come late, twice, or out of order', () => {
  const LATE_S = 1200;
  const RULES: [string, object][] = [
    ['threshold', { quantity: 'pm25', above: 10, clearBelow: 8, forS: 600 }],
    ['band', { quantity: 'pm25', low: 5, high: 12, forS: 600, offS: 600 }],
    ['n-of-m', { quantity: 'pm25', above: 10, n: 2, m: 4 }],
    ['count-in-window', { quantity: 'pm25', above: 10, count: 2, windowS: 1800 }],
    ['rate-of-change', { quantity: 'pm25', windowS: 3600, rise: 5 }],
    ['frozen-value', { quantity: 'pm25', stillS: 600, tolerance: 3, minSamples: 2 }],
    ['spike', { quantity: 'pm25', jump: 6, samples: 3 }],
    ['k-of-n', { quantity: 'pm25', above: 10, k: 2 }],
    ['area-statistic', { quantity: 'pm25', statistic: 'max', above: 15 }],
    ['expression', { inputs: ['pm25'], expression: 'pm25 > 10' }],
  ];

  it.each(RULES)('give the same alarms by %s as in order and once', (kindId, params) => {
    fc.assert(
      fc.property(
        group,
        fc.infiniteStream(fc.integer({ min: 0, max: LATE_S })),
        fc.infiniteStream(fc.boolean()),
        (items, late, twice) => {
          const own = ['k-of-n', 'area-statistic'].includes(kindId)
            ? [...items].sort((a, b) => a.timeMs - b.timeMs || a.seriesId - b.seriesId)
            : items
                .map((item) => ({ ...item, deviceId: 'a', seriesId: 1 }))
                .filter((item, index, all) => index === 0 || item.timeMs > (all[index - 1]?.timeMs ?? 0));
          // Everything comes by its own delay, at most the lateness; some of it again, later.
          const arrivals = own.flatMap((item) => {
            const first = { at: item.timeMs + (late.next().value ?? 0) * 1000 - 1, item };
            return twice.next().value
              ? [first, { at: first.at + (late.next().value ?? 0) * 1000, item }]
              : [first];
          });
          arrivals.sort((a, b) => a.at - b.at);
          // The end of the stream: enough time goes by for everything to be judged.
          const end = { kind: 'tick' as const, timeMs: T0 + 1e9, position: null, areaId: null };
          const options = { latenessS: LATE_S };
          const inOrder = episodesOf(kindId, params, [...own, end], options);
          expect(episodesOf(kindId, params, [...arrivals.map(({ item }) => item), end], options)).toEqual(
            inOrder,
          );
          expect(inOrder.filter(([at]) => at < T0 + 1e8)).toEqual(
            episodesOf(kindId, params, own).filter(([at]) => at < T0 + 1e8),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a schedule', () => {
  it('lets a rule see its hours only, and ends what stands when they are over', () => {
    const items = Array.from({ length: 24 }, (_, hour) => value(Date.UTC(2026, 0, 4, 17 + hour), 20));
    const night = { schedule: { from: '22:00', to: '05:00', holidays: 'any', sun: 'any' } } as const;
    const local = (hour: number) => Date.UTC(2026, 0, 4, 17 + hour);
    expect(episodesOf('threshold', { quantity: 'pm25', above: 10 }, items, night)).toEqual([
      [local(0), local(5)],
      [local(22), null],
    ]);
  });
});
