import { expect, it } from 'vitest';
import { seededRandom } from '../../core/clock.ts';
import type { PositionFix } from '../../core/reading.ts';
import { deviceRecord, testAreas } from '../../test/support/rules.ts';
import { type Cell, createCells } from './cells.ts';
import { type CompiledRule, compileRule, indexRules, kindTools } from './compile.ts';
import type { KindItem, KindState } from './kind.ts';
import { loadRuleKinds } from './kind-registry.ts';
import { createWays } from './ways.ts';

const kinds = await loadRuleKinds();
const tools = kindTools(testAreas, 'Asia/Ho_Chi_Minh');

function fence(index: number, kind: string, params: object): CompiledRule {
  return compileRule(
    {
      id: `f${index}`,
      kind,
      name: 'f',
      domain: 'traffic',
      severity: 'minor',
      params: params as Record<string, unknown>,
      applies_to: {},
      options: {},
      state: 'active',
      version: 1,
      updated_at: new Date(0),
      updated_by: null,
      approved_by: null,
      approved_at: null,
    },
    kinds,
    testAreas,
    tools,
  );
}

it('finds by its index exactly the crossings that asking every fence about every fix finds', () => {
  const random = seededRandom(7);
  const rules: CompiledRule[] = [];
  for (let index = 0; index < 300; index += 1) {
    const centre: [number, number] = [105 + random.next() * 0.5, 9 + random.next() * 0.5];
    const circle = { centre, radiusM: 500 + random.next() * 3000 };
    const [lon, lat] = centre;
    const line = [
      [lon, lat],
      [lon + 0.02, lat + 0.01],
    ];
    const of = index % 5;
    if (of === 0) rules.push(fence(index, 'geofence', { circle, on: 'enter' }));
    else if (of === 1) rules.push(fence(index, 'geofence', { circle, on: 'exit', forS: 120 }));
    else if (of === 2) rules.push(fence(index, 'geofence', { circle, on: 'inside' }));
    else if (of === 3) rules.push(fence(index, 'zone-speed', { circle, aboveKmh: 50, forS: 60 }));
    else rules.push(fence(index, 'line-crossing', { line, showS: 90 }));
  }
  const index = indexRules(rules);
  expect(rules.every((rule) => rule.box !== null)).toBe(true);

  const found: string[] = [];
  const cells = createCells();
  const step = (cell: Cell, item: KindItem) => {
    for (const { state, signal } of cell.rule.judge(cell.state, item)) {
      cell.state = state;
      if (signal) found.push(`${cell.rule.info.id} ${cell.subjectId} ${signal.kind} ${signal.timeMs}`);
    }
  };
  let judged = 0;
  const ways = createWays({ cells, index: () => index, now: () => 1, step });

  const wanted: string[] = [];
  const states = new Map<string, KindState>();
  const movers = Array.from({ length: 5 }, (_, at) => ({
    device: deviceRecord(`m${at}`, { mobile: true, type: 'gps-tracker' }),
    lon: 105.25,
    lat: 9.25,
  }));
  for (let minute = 0; minute < 400; minute += 1) {
    for (const [at, mover] of movers.entries()) {
      mover.lon += (random.next() - 0.5) * 0.05;
      mover.lat += (random.next() - 0.5) * 0.05;
      const item: PositionFix = {
        kind: 'position',
        deviceId: mover.device.id,
        seriesId: at,
        timeMs: minute * 60_000,
        lon: mover.lon,
        lat: mover.lat,
        speedKmh: random.next() * 100,
        headingDeg: null,
        accuracyM: random.next() * 100,
        areaId: null,
        unitId: null,
      };
      for (const rule of rules) {
        const key = `${rule.info.id} ${mover.device.id}`;
        for (const { state, signal } of rule.judge(states.get(key), item)) {
          states.set(key, state);
          if (signal) wanted.push(`${key} ${signal.kind} ${signal.timeMs}`);
        }
      }
      for (const cell of ways.cellsOf(item, mover.device)) {
        judged += 1;
        step(cell, item);
      }
      ways.passed(item);
    }
  }
  // A clear that only a clock would find is found by whichever fix looks next.
  const raises = (lines: string[]) => lines.filter((line) => line.includes(' raise ')).sort();
  expect(raises(found)).toEqual(raises(wanted));
  expect(raises(wanted).length).toBeGreaterThan(100);
  expect([...found].sort()).toEqual([...wanted].sort());
  // Of 600 000 questions only those about fences nearby were asked.
  expect(judged).toBeLessThan(60_000);
});
