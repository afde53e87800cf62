/** Kinds about several devices and about movers against an evaluator that knows all items at once; late items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastDistanceM } from '../../core/plane.ts';
import type { LonLat, Observation, PositionFix } from '../../core/reading.ts';
import { borderDistanceM, flattenPolygon } from '../../gis/index.ts';
import {
  amountAt,
  byDefinition,
  delays,
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
