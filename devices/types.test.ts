import { describe, expect, it } from 'vitest';
import { isQuantity } from '../core/quantities.ts';
import { QUANTITY_NAME } from './contract.ts';
import { parseJson } from './decoders/json.ts';
import { loadDeviceTypes } from './registry.ts';

const types = await loadDeviceTypes();

it('has the types that a centre starts with', () => {
  expect(types.all().map((type) => type.id)).toEqual([
    'air-quality',
    'generic-json',
    'gps-tracker',
    'salinity',
    'traffic-counter',
    'water-level',
    'weather',
  ]);
});

describe.each(types.all().map((type) => [type.id, type] as const))('%s', (_id, type) => {
  it.each(type.samples.map((sample) => [sample.name, sample] as const))('decodes %s', (_name, sample) => {
    const payload = parseJson(new TextEncoder().encode(JSON.stringify(sample.payload)));
    expect(type.decode(payload)).toEqual(sample.expect);
  });

  it('measures in its samples only what it says it can', () => {
    const measured = new Set(
      type.samples.flatMap((sample) => sample.expect.flatMap((reading) => Object.keys(reading.values))),
    );
    for (const name of measured) {
      expect(name).toMatch(QUANTITY_NAME);
      if (type.quantities !== 'any') expect(type.quantities).toContain(name);
    }
    if (type.quantities !== 'any') for (const code of type.quantities) expect(isQuantity(code)).toBe(true);
  });
});
