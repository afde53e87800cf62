import { LogicEngine } from 'json-logic-engine';
import { Engine } from 'json-rules-engine';
import { seededRandom, systemClock } from '../core/clock.ts';
import type { Database, DeviceRecord } from '../core/ports.ts';
import type { Evaluable } from '../core/reading.ts';
import { createMemoryBus } from '../server/bus/index.ts';
import { createRules } from '../server/rules/index.ts';
import type { Bench, BenchRow } from './contract.ts';

const DEVICES = 10_000;
const ITEMS = 500_000;
const T0 = Date.UTC(2026, 10, 22);

/** Seconds of processor time of this process since its start: what a busy machine does not change. */
const cpuS = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

/** Rules read from a list instead of a database; nothing here writes. */
function ruleTable(rules: object[]): Database {
  return {
    query: async <Row>({ text }: { text: string }) =>
      (text.includes('from rules where') ? rules : []) as Row[],
    transaction: () => Promise.reject(new Error('the benchmark stores nothing')),
    as: () => {
      throw new Error('the benchmark asks for nobody');
    },
  };
}

const rule = (id: string, kind: string, params: object, applies_to: object) => ({
  id,
  kind,
  name: id,
  domain: 'x',
  severity: 'minor',
  params,
  applies_to,
  options: {},
  state: 'active',
  version: 1,
  updated_at: new Date(T0),
  updated_by: null,
});

async function ratePerS(rules: object[], devices: DeviceRecord[], items: Evaluable[]): Promise<number> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const { engine, start, stop } = await createRules({
    database: ruleTable(rules),
    bus: createMemoryBus(quiet),
    clock: systemClock,
    logger: quiet,
    health: { set() {}, items: () => [] },
    devices: { byId: (id) => byId.get(id), all: () => devices, authenticate: async () => undefined },
    areas: { nameOf: () => null, subtree: () => new Set(), shape: () => undefined },
    alerts: {
      apply: async () => [],
      lock: async () => undefined,
      clearRule: async () => [],
      announce: () => undefined,
    },
    audit: { record: async () => undefined },
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  await start();
  // A tenth first, so that series are known and the code is warm.
  for (const item of items.slice(0, items.length / 10)) engine.evaluate(item);
  const rest = items.slice(items.length / 10);
  const started = cpuS();
  let effects = 0;
  for (const item of rest) effects += engine.evaluate(item).length;
  const seconds = cpuS() - started;
  if (effects < 0) throw new Error('unreachable');
  await stop();
  return rest.length / seconds;
}

const device = (index: number, mobile = false): DeviceRecord => ({
  id: `d-${index}`,
  site: 'main',
  type: mobile ? 'gps-tracker' : 'air-quality',
  enabled: true,
  position: [105 + (index % 100) / 100, 9 + index / 20_000],
  areaId: null,
  domain: null,
  agencyId: null,
  class: 'internal',
  unit: null,
  mobile,
  unitId: null,
  expectedIntervalS: 60,
});

/** The same comparison with nothing round it: what a rule engine cannot be faster than. */
function bareRatePerS(items: Evaluable[]): number {
  const limits = new Map(Array.from({ length: DEVICES }, (_, index) => [index, 150 + (index % 7)]));
  const last = new Map<number, number>();
  const started = cpuS();
  let over = 0;
  for (const item of items) {
    const before = last.get(item.seriesId) ?? 0;
    if (item.timeMs <= before) continue;
    last.set(item.seriesId, item.timeMs);
    if (item.kind === 'value' && item.value > (limits.get(item.seriesId) ?? 0)) over += 1;
  }
  if (over < 0) throw new Error('unreachable');
  return items.length / (cpuS() - started);
}

/** One threshold by a rule engine that reads its rules as JSON at every run. */
async function jsonRulesPerS(): Promise<number> {
  const engine = new Engine();
  engine.addRule({
    conditions: { all: [{ fact: 'value', operator: 'greaterThan', value: 150 }] },
    event: { type: 'over' },
  });
  const runs = 5000;
  for (let index = 0; index < runs / 10; index += 1) await engine.run({ value: 40 });
  const started = cpuS();
  for (let index = 0; index < runs; index += 1) await engine.run({ value: index % 1000 === 0 ? 200 : 40 });
  return runs / (cpuS() - started);
}

/** The same threshold compiled from JSON logic to a function: no state, no hold, no sentence. */
function jsonLogicPerS(): number {
  const judge = new LogicEngine().build({ '>': [{ var: 'value' }, 150] }) as (data: object) => unknown;
  const runs = 2_000_000;
  const data = Array.from({ length: 1000 }, (_, index) => ({ value: index === 0 ? 200 : 40 }));
  for (let index = 0; index < runs / 10; index += 1) judge(data[index % 1000] ?? {});
  const started = cpuS();
  let over = 0;
  for (let index = 0; index < runs; index += 1) if (judge(data[index % 1000] ?? {})) over += 1;
  if (over < 0) throw new Error('unreachable');
  return runs / (cpuS() - started);
}

/** 23 000 fences of 5 km over the country, and trackers that drive about it. */
async function manyFencesPerS(): Promise<number> {
  const random = seededRandom(23);
  const fences = Array.from({ length: 23_000 }, (_, index) =>
    rule(
      `g-${index}`,
      'geofence',
      { circle: { centre: [102 + random.next() * 8, 8 + random.next() * 15], radiusM: 5000 }, on: 'enter' },
      {},
    ),
  );
  const trackers = Array.from({ length: 2000 }, (_, index) => device(index, true));
  const places = trackers.map(() => [102 + random.next() * 8, 8 + random.next() * 15] as [number, number]);
  const fixes = Array.from({ length: 200_000 }, (_, index): Evaluable => {
    const of = index % trackers.length;
    const place = places[of] ?? [105, 9];
    place[0] += (random.next() - 0.5) * 0.02;
    place[1] += (random.next() - 0.5) * 0.02;
    return {
      kind: 'position',
      deviceId: `d-${of}`,
      seriesId: of,
      timeMs: T0 + index,
      lon: place[0],
      lat: place[1],
      speedKmh: 40,
      headingDeg: 90,
      accuracyM: 8,
      areaId: null,
      unitId: null,
    };
  });
  return await ratePerS(fences, trackers, fixes);
}

const words = (rate: number, what: string) => `${Math.round(rate).toLocaleString('en')} ${what}/s`;

export const bench: Bench = {
  name: 'Rules',
  method:
    'RuleEngine.evaluate() in one process, no database: readings of 10 000 devices, one in a thousand over its limit. ' +
    'The ceiling is the bare comparison behind the same two look-ups. Rates are per second of processor time.',
  async run(): Promise<BenchRow[]> {
    const devices = Array.from({ length: DEVICES }, (_, index) => device(index));
    const items = Array.from({ length: ITEMS }, (_, index): Evaluable => {
      const of = index % DEVICES;
      return {
        kind: 'value',
        deviceId: `d-${of}`,
        seriesId: of,
        quantity: 'pm25',
        timeMs: T0 + index,
        value: index % 1000 === 0 ? 200 : 40,
        quality: 0,
        areaId: null,
        position: null,
      };
    });
    const own = devices.map(({ id }) =>
      rule(`r-${id}`, 'threshold', { quantity: 'pm25', above: 150, forS: 600 }, { devices: [id] }),
    );
    const shared = Array.from({ length: 20 }, (_, index) =>
      rule(`s-${index}`, 'threshold', { quantity: 'pm25', above: 100 + index }, {}),
    );
    const fences = Array.from({ length: 100 }, (_, index) =>
      rule(
        `f-${index}`,
        'geofence',
        {
          circle: { centre: [105 + (index % 10) / 10, 9 + Math.floor(index / 10) / 10], radiusM: 5000 },
          on: 'enter',
        },
        {},
      ),
    );
    const trackers = Array.from({ length: 200 }, (_, index) => device(index, true));
    const fixes = Array.from({ length: 50_000 }, (_, index): Evaluable => {
      const of = index % trackers.length;
      const step = Math.floor(index / trackers.length);
      return {
        kind: 'position',
        deviceId: `d-${of}`,
        seriesId: of,
        timeMs: T0 + index,
        lon: 105 + ((of * 7 + step) % 1000) / 1000,
        lat: 9 + of / 200,
        speedKmh: 40,
        headingDeg: 90,
        accuracyM: 8,
        areaId: null,
        unitId: null,
      };
    });

    const bare = bareRatePerS(items);
    const alone = await ratePerS(own, devices, items);
    const many = await ratePerS(shared, devices, items);
    const fenced = await ratePerS(fences, trackers, fixes);
    const crowded = await manyFencesPerS();
    const interpreted = await jsonRulesPerS();
    const compiled = jsonLogicPerS();
    return [
      {
        measure: 'one threshold: evaluations beside json-rules-engine 7.3.1',
        ours: words(many * 20, 'evaluations'),
        peer: words(interpreted, 'runs'),
        ratio: (many * 20) / interpreted,
        goal: '≥ 100',
      },
      {
        measure: 'one threshold: evaluations beside compiled json-logic-engine 5.0.7 (stateless)',
        ours: words(many * 20, 'evaluations'),
        peer: words(compiled, 'calls'),
        ratio: (many * 20) / compiled,
        goal: '≥ 1',
      },
      {
        measure: '23 000 fences of 5 km, 2 000 trackers',
        ours: words(crowded, 'positions'),
        peer: '6 000 positions/s (published for this number of fences, Tile38 issue 491)',
        ratio: crowded / 6000,
        goal: '≥ 60 000 positions/s',
      },
      {
        measure: '10 000 threshold rules, one per device',
        ours: words(alone, 'readings'),
        peer: words(bare, 'comparisons'),
        ratio: alone / bare,
        goal: '≥ 1 000 000 evaluations/s',
      },
      {
        measure: '20 threshold rules on every device',
        ours: words(many * 20, 'evaluations'),
        peer: words(bare, 'comparisons'),
        ratio: (many * 20) / bare,
        goal: '≥ 1 000 000 evaluations/s',
      },
      {
        measure: '100 fences of 5 km, 200 trackers',
        ours: `${words(fenced, 'fixes')}, ${words(fenced * 100, 'verdicts')}`,
        peer: '–',
        ratio: null,
        goal: '–',
      },
    ];
  },
};
