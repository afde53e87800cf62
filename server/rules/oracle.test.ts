/** The rule kinds against readings of the same data that were written from the rules' words, without their code. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QualityCode } from '../../core/quality.ts';
import type { LonLat, Observation } from '../../core/reading.ts';
import { borderDistanceM, covers, flattenPolygon } from '../../gis/index.ts';
import { type Alarm, realStations, type Sample, thresholdByDefinition } from '../../test/support/stations.ts';
import { EXAMPLE_ZONE } from './examples.ts';
import type { KindState, RuleKind } from './kind.ts';
import { loadRuleKinds } from './kind-registry.ts';

const kinds = await loadRuleKinds();

function kindOf(id: string): RuleKind {
  const kind = kinds.get(id);
  if (!kind) throw new Error(`no kind ${id}`);
  return kind;
}

function observation([timeMs, value]: Sample, quality: QualityCode = 0): Observation {
  return {
    kind: 'value',
    deviceId: 'station',
    seriesId: 1,
    quantity: 'pm25',
    timeMs,
    value,
    quality,
    areaId: null,
    position: null,
  };
}

/** What the evaluator makes of a stream; its state goes through JSON between any two items. */
function alarmsOf(kindId: string, params: unknown, items: readonly Observation[]): Alarm[] {
  const kind = kindOf(kindId);
  const rule = kind.prepare(kind.params.parse(params), { timeZone: EXAMPLE_ZONE, area: () => undefined });
  const alarms: Alarm[] = [];
  let state: string | undefined;
  for (const item of items) {
    const before: KindState | undefined = state === undefined ? undefined : JSON.parse(state);
    const verdict = kind.evaluate(before, item, rule);
    if (!verdict) continue;
    state = JSON.stringify(verdict.state);
    const { signal } = verdict;
    const open = alarms.at(-1);
    if (signal?.kind === 'raise') {
      alarms.push({ raisedAt: signal.timeMs, clearedAt: null, peak: signal.peak });
    } else if (signal && open) {
      open.peak = signal.peak;
      if (signal.kind === 'clear') open.clearedAt = signal.timeMs;
    }
  }
  return alarms;
}

/** Whole minutes apart, so that spans hit `forS` exactly often enough. */
const series = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 90, max: 200 })), { maxLength: 80 })
  .map((steps) => {
    let time = Date.UTC(2026, 0, 1);
    return steps.map(([minutes, value]): Sample => {
      time += minutes * 60_000;
      return [time, value];
    });
  });

describe('the threshold kind', () => {
  it('raises and clears where the definition says, on any series', () => {
    fc.assert(
      fc.property(
        series,
        fc.record({
          above: fc.integer({ min: 120, max: 170 }),
          clearBelow: fc.option(fc.integer({ min: 90, max: 120 }), { nil: undefined }),
          forS: fc.integer({ min: 0, max: 240 }).map((minutes) => minutes * 60),
        }),
        (samples, rule) => {
          const found = alarmsOf(
            'threshold',
            { quantity: 'pm25', ...rule },
            samples.map((s) => observation(s)),
          );
          const expected = thresholdByDefinition(samples, rule);
          expect(found.map(({ raisedAt, clearedAt }) => [raisedAt, clearedAt])).toEqual(
            expected.map(({ raisedAt, clearedAt }) => [raisedAt, clearedAt]),
          );
          // The peak of an alarm that has ended is final; while it stands it is told once a minute.
          expect(found.filter((a) => a.clearedAt !== null)).toEqual(
            expected.filter((a) => a.clearedAt !== null),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('treats below as above turned upside down', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 240 }), (samples, minutes) => {
        const up = alarmsOf(
          'threshold',
          { quantity: 'pm25', above: 150, clearBelow: 120, forS: minutes * 60 },
          samples.map((s) => observation(s)),
        );
        const down = alarmsOf(
          'threshold',
          { quantity: 'pm25', below: -150, clearAbove: -120, forS: minutes * 60 },
          samples.map(([time, value]) => observation([time, -value])),
        );
        expect(down.map((a) => ({ ...a, peak: a.peak === null ? null : -a.peak }))).toEqual(up);
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(['threshold', 'rate-of-change'])('the %s kind', (kindId) => {
  const params =
    kindId === 'threshold'
      ? { quantity: 'pm25', above: 150, clearBelow: 120, forS: 3600 }
      : { quantity: 'pm25', windowS: 7200, rise: 40, clear: 10 };

  it('gives the same alarms when late, repeated and invalid items are mixed in', () => {
    fc.assert(
      fc.property(series, fc.infiniteStream(fc.nat({ max: 3 })), (samples, choices) => {
        const clean = samples.map((s) => observation(s));
        const noisy: Observation[] = [];
        for (const [index, item] of clean.entries()) {
          noisy.push(item);
          const choice = choices.next().value;
          if (choice === 1) noisy.push(item);
          if (choice === 2) noisy.push({ ...(clean[Math.floor(index / 2)] as Observation), value: 5000 });
          if (choice === 3) noisy.push({ ...item, timeMs: item.timeMs + 1, value: 5000, quality: 3 });
        }
        expect(alarmsOf(kindId, params, noisy)).toEqual(alarmsOf(kindId, params, clean));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the rate-of-change kind', () => {
  it('compares with the oldest sample of the window, on any series', () => {
    fc.assert(
      fc.property(
        series,
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 100 }),
        (samples, windowMinutes, rise, clearShare) => {
          const clear = Math.floor((rise * clearShare) / 100);
          const found = alarmsOf(
            'rate-of-change',
            { quantity: 'pm25', windowS: windowMinutes * 60, rise, clear },
            samples.map((s) => observation(s)),
          );
          const change = samples.map(([time, value]) => {
            const oldest = samples.find(([other]) => other >= time - windowMinutes * 60_000);
            return value - (oldest?.[1] ?? value);
          });
          const expected: [number, number | null][] = [];
          let open = false;
          for (const [index, amount] of change.entries()) {
            const time = samples[index]?.[0] ?? 0;
            if (!open && amount > rise) {
              expected.push([time, null]);
              open = true;
            } else if (open && amount < clear) {
              (expected.at(-1) as [number, number | null])[1] = time;
              open = false;
            }
          }
          expect(found.map(({ raisedAt, clearedAt }) => [raisedAt, clearedAt])).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stays small however fast a device sends', () => {
    const kind = kindOf('rate-of-change');
    const rule = kind.prepare(kind.params.parse({ quantity: 'pm25', windowS: 3600, rise: 50 }), {
      timeZone: EXAMPLE_ZONE,
      area: () => undefined,
    });
    let state: KindState | undefined;
    let raised = 0;
    for (let second = 0; second < 7200; second += 1) {
      const verdict = kind.evaluate(state, observation([second * 1000, second / 60]), rule);
      state = verdict?.state;
      if (verdict?.signal?.kind === 'raise') raised = second;
    }
    expect(JSON.stringify(state).length).toBeLessThan(5000);
    // A minute per unit: 50 units are reached after 50 minutes, up to a 128th of the window late.
    expect(raised).toBeGreaterThan(3000);
    expect(raised).toBeLessThan(3000 + 3600 / 128 + 2);
  });
});

const stations = realStations();

describe.skipIf(stations.length === 0)('on the twelve real stations (../shared/data/air-quality)', () => {
  const RULE = { above: 150, clearBelow: 120, forS: 3 * 3600 };

  it.each(stations)('finds exactly the alarms that a reading of $name finds', ({ samples }) => {
    const found = alarmsOf(
      'threshold',
      { quantity: 'pm25', ...RULE },
      samples.map((s) => observation(s)),
    );
    expect(found.length).toBeGreaterThan(5);
    expect(found).toEqual(thresholdByDefinition(samples, RULE));
  });
});

describe('the geofence kind', () => {
  it('crosses exactly when every fix is asked afresh, whatever the fence and the way', () => {
    const kind = kindOf('geofence');
    const degree = fc.integer({ min: 0, max: 60 }).map((step) => step / 100);
    const ring = fc
      .tuple(degree, degree, degree, degree)
      .filter(([w, s, e, n]) => w < e && s < n)
      .map(([w, s, e, n]): LonLat[] => [
        [w, s],
        [e, s],
        [e, n],
        [w, n],
        [w, s],
      ]);
    const way = fc.array(fc.tuple(degree, degree, fc.integer({ min: 1, max: 3000 })), { maxLength: 40 });
    fc.assert(
      fc.property(ring, way, fc.constantFrom('enter', 'exit'), (coordinates, fixes, on) => {
        const rule = kind.prepare(
          kind.params.parse({ polygon: { type: 'Polygon', coordinates: [coordinates] }, on }),
          { timeZone: EXAMPLE_ZONE, area: () => undefined },
        );
        const polygon = flattenPolygon([[coordinates]]);
        let state: KindState | undefined;
        let known: boolean | undefined;
        let raisedBefore = false;
        for (const [index, [lon, lat, accuracyM]] of fixes.entries()) {
          const verdict = kind.evaluate(
            state,
            {
              kind: 'position',
              deviceId: 'd',
              seriesId: 1,
              timeMs: index,
              lon,
              lat,
              speedKmh: null,
              headingDeg: null,
              accuracyM,
              areaId: null,
              unitId: null,
            },
            rule,
          );
          state = verdict?.state;
          const inside = covers(polygon, lon, lat);
          const sure = borderDistanceM(polygon, lon, lat) >= accuracyM;
          const crossed = sure && known !== undefined && inside !== known;
          const wanted = crossed ? ((on === 'enter') === inside ? 'raise' : 'clear') : null;
          // The first crossing out of an `enter` fence ends nothing: nothing was raised.
          const expected = wanted === 'clear' && !raisedBefore ? null : wanted;
          if (expected === 'raise') raisedBefore = true;
          if (expected === 'clear') raisedBefore = false;
          expect(verdict?.signal?.kind ?? null).toBe(expected);
          if (sure) known = inside;
        }
      }),
      { numRuns: 300 },
    );
  });
});
