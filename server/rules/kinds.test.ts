import { describe, expect, it } from 'vitest';
import { EXAMPLE_ZONE } from './examples.ts';
import type { KindState, KindTools } from './kind.ts';
import { loadRuleKinds } from './kind-registry.ts';

const kinds = await loadRuleKinds();
const tools: KindTools = { timeZone: EXAMPLE_ZONE, area: () => undefined };

it('has the kinds that a centre starts with', () => {
  expect(kinds.all().map((kind) => kind.id)).toEqual(
    expect.arrayContaining(['geofence', 'missing-data', 'rate-of-change', 'threshold']),
  );
});

describe.each(kinds.all().map((kind) => [kind.id, kind] as const))('%s', (_id, kind) => {
  it.each(kind.examples.map((example) => [example.name, example] as const))('%s', (_name, example) => {
    const params = kind.params.parse(example.params);
    const rule = kind.prepare(params, tools);
    let state: KindState | undefined;
    expect(example.expect).toHaveLength(example.items.length);
    for (const [index, item] of example.items.entries()) {
      // A state goes through the database between two items, so it must survive that.
      const restored: KindState | undefined = state && JSON.parse(JSON.stringify(state));
      const verdict = kind.evaluate(restored, item, rule);
      if (verdict) state = verdict.state;
      const expected = example.expect[index];
      const signal = verdict?.signal ?? null;
      expect(signal?.kind ?? null, `item ${index}`).toBe(expected?.kind ?? null);
      if (expected?.vi !== undefined) expect(signal?.explanation.vi).toBe(expected.vi);
      if (expected?.en !== undefined) expect(signal?.explanation.en).toBe(expected.en);
      if (signal) {
        expect(JSON.parse(JSON.stringify(signal.evidence))).toEqual(signal.evidence);
        expect(verdict?.durable).toBe(true);
      }
    }
  });

  it('puts its rule into words in both languages', () => {
    for (const example of kind.examples) {
      const { vi, en } = kind.explain(kind.params.parse(example.params), tools);
      expect(vi).not.toBe('');
      expect(en).not.toBe('');
      expect(vi).not.toBe(en);
    }
  });

  it('refuses parameters that it does not know', () => {
    const [example] = kind.examples;
    expect(kind.params.safeParse({ ...(example?.params as object), surprise: 1 }).success).toBe(false);
  });
});
