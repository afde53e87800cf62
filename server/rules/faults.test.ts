import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { manualClock } from '../../core/clock.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { seedAlertWorld } from '../../test/support/alert-signals.ts';
import { testLogger } from '../../test/support/logger.ts';
import { deviceRecord, handDirectory, reading, testAreas } from '../../test/support/rules.ts';
import { emptyRules, seedRule } from '../../test/support/seed.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { createEngine, type LiveEngine } from './engine.ts';
import { defineKind } from './kind.ts';
import { loadRuleKinds } from './kind-registry.ts';

const T0 = Date.UTC(2026, 10, 22, 1);

/** A kind with a bug: it throws on every value over 1000. */
const broken = defineKind<Record<string, never>, null, { t: number; raised: boolean }>({
  id: 'broken',
  vi: 'Hỏng',
  en: 'Broken',
  subject: 'device',
  input: 'values',
  params: z.object({}) as z.ZodType<Record<string, never>>,
  quantity: () => null,
  applies: () => true,
  prepare: () => null,
  evaluate(_, item) {
    if (item.kind === 'value' && item.value > 1000) throw new Error('division by zero');
    return { state: { t: item.timeMs, raised: false }, durable: true, signal: null };
  },
  explain: () => ({ vi: 'x', en: 'y' }),
  examples: [],
});

const [adapter] = DATABASE_ADAPTERS;
describe('a rule that throws', () => {
  let database: OpenDatabase;
  let engine: LiveEngine;
  const bus = createMemoryBus(testLogger());
  const health = createHealth(manualClock(T0));

  beforeAll(async () => {
    if (!adapter) throw new Error('no database');
    database = await adapter.open();
    await seedAlertWorld(database);
  });
  afterAll(async () => {
    await engine.stop();
    await database.close();
  });
  beforeEach(async () => {
    await engine?.stop();
    await emptyRules(database);
    await seedRule(database, { id: 'bad', kind: 'broken', params: {} });
    await seedRule(database, { id: 'dust', params: { quantity: 'pm25', above: 1500 } });
    const kinds = await loadRuleKinds();
    engine = createEngine({
      database,
      bus,
      clock: manualClock(T0),
      logger: testLogger(),
      health,
      devices: handDirectory([deviceRecord('st-1')]),
      areas: testAreas,
      alerts: { apply: async () => [], lock: async () => undefined },
      kinds: { get: (id) => (id === 'broken' ? broken : kinds.get(id)), all: kinds.all },
      timeZone: 'Asia/Ho_Chi_Minh',
    });
    await engine.start();
  });

  const rulesHeard = (index: number, value: number) =>
    engine.evaluate(reading('st-1', T0 + index * 1000, value)).map((effect) => effect.ruleId);

  it('costs neither the reading nor the other rules, and is shown', () => {
    expect(rulesHeard(0, 2000)).toEqual(['dust']);
    expect(rulesHeard(1, 1)).toContain('bad');
    expect(health.items().find((item) => item.component === 'rules.bad')).toMatchObject({
      state: 'degraded',
      code: 'rule.invalid',
    });
  });

  it('is not asked any more after ten times, until it is changed', async () => {
    for (let index = 0; index < 10; index += 1) rulesHeard(index, 2000);
    expect(rulesHeard(10, 1)).not.toContain('bad');
    bus.emit('registry.changed', { kind: 'rule', id: 'other' });
    await engine.ready();
    expect(rulesHeard(11, 1)).not.toContain('bad');
    await database.query({ text: `update rules set version = 2 where id = 'bad'`, values: [] });
    bus.emit('registry.changed', { kind: 'rule', id: 'bad' });
    await engine.ready();
    expect(rulesHeard(12, 1)).toContain('bad');
    expect(health.items().find((item) => item.component === 'rules.bad')?.state).toBe('ok');
  });

  it('is left out with its reason when it cannot even be read', async () => {
    await seedRule(database, { id: 'unreadable', params: { quantity: 'pm25' } });
    bus.emit('registry.changed', { kind: 'rule', id: 'unreadable' });
    await engine.ready();
    expect(rulesHeard(0, 2000)).toEqual(['dust']);
    expect(health.items().find((item) => item.component === 'rules.unreadable')?.message.en).toContain(
      'either above or below',
    );
  });
});
