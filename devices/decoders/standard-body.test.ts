import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, isAppError } from '../../core/errors.ts';
import { MAX_QUANTITIES, MAX_READINGS } from '../contract.ts';
import { decodeFlatJson } from './flat-json.ts';
import { decodeStandardBody } from './standard-body.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};
const quantities = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`q${i}`, i]));

describe('the standard body', () => {
  it('answers any JSON with readings or with one of three codes, and never with another error', () => {
    const codes = new Set(['accepted', 'payload.schema', 'payload.empty', 'device.too_many_quantities']);
    const field = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, -1, 0, 400, Infinity));
    const reading = fc.record(
      {
        ts: field,
        values: fc.oneof(fc.dictionary(fc.string(), field), field),
        position: field,
        speed: field,
        heading: field,
        accuracy: field,
        seq: field,
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(reading, fc.record({ readings: fc.oneof(fc.array(reading), field) }), field);
    fc.assert(
      fc.property(body, (payload) => {
        for (const decode of [decodeStandardBody, decodeFlatJson]) {
          expect(codes).toContain(
            codeOf(() => {
              const readings = decode(payload);
              expect(readings.length).toBeGreaterThan(0);
              for (const { speedKmh, headingDeg, accuracyM } of readings) {
                for (const known of [speedKmh, headingDeg, accuracyM]) {
                  if (known !== undefined) expect(known >= 0 && known < Infinity).toBe(true);
                }
              }
            }),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hands on every value of a sound message unchanged', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.boolean());
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: MAX_QUANTITIES }), (values) => {
        const [reading] = decodeStandardBody({ values });
        expect(Object.entries(reading?.values ?? {})).toEqual(
          Object.entries(values).map(([key, v]) => [key, { v }]),
        );
      }),
    );
  });

  it.each<[string, unknown]>([
    ['a list', [1]],
    ['a number', 5],
    ['null', null],
    ['values that are a list', { values: [1] }],
    ['readings that are no list', { readings: { values: { a: 1 } } }],
    ['a reading that is no object', { readings: [{ values: { a: 1 } }, 7] }],
    ['values and readings together', { values: { a: 1 }, readings: [] }],
    ['a sequence number with a fraction', { values: { a: 1 }, seq: 1.5 }],
    ['a sequence number beyond 2^53', { values: { a: 1 }, seq: 2 ** 53 }],
    ['a speed in words', { position: [105, 9], speed: 'fast' }],
    ['an infinite heading', { position: [105, 9], heading: Infinity }],
    ['a name longer than any quantity’s', { values: { ['a'.repeat(65)]: 1 } }],
    ['too many readings', { readings: Array(MAX_READINGS + 1).fill({ values: { a: 1 } }) }],
  ])('refuses %s', (_name, payload) => {
    expect(codeOf(() => decodeStandardBody(payload))).toBe('payload.schema');
  });

  it('says which reading of a batch is broken', () => {
    expect(() => decodeStandardBody({ readings: [{ values: { a: 1 } }, { values: 3 }] })).toThrow(
      /readings\[1\]\.values must be an object/,
    );
  });

  it('refuses a message without any value, but not a batch with one empty moment', () => {
    for (const payload of [{}, { values: {} }, { readings: [] }, { ts: 1, readings: [{ ts: 2 }] }]) {
      expect(codeOf(() => decodeStandardBody(payload))).toBe('payload.empty');
    }
    expect(decodeStandardBody({ readings: [{ ts: 1 }, { ts: 2, values: { a: 1 } }] })).toEqual([
      { ts: 2, values: { a: { v: 1 } } },
    ]);
  });

  it('takes exactly as many readings and quantities as allowed', () => {
    expect(decodeStandardBody({ readings: Array(MAX_READINGS).fill({ values: { a: 1 } }) })).toHaveLength(
      MAX_READINGS,
    );
    expect(codeOf(() => decodeStandardBody({ values: quantities(MAX_QUANTITIES) }))).toBe('accepted');
    expect(codeOf(() => decodeStandardBody({ values: quantities(MAX_QUANTITIES + 1) }))).toBe(
      'device.too_many_quantities',
    );
  });

  it('does not let a quantity called __proto__ reach a prototype', () => {
    const values = Object.defineProperty({}, '__proto__', { value: { admin: 1 }, enumerable: true });
    for (const decode of [decodeStandardBody, decodeFlatJson]) {
      expect(() => decode({ values })).toThrow(AppError);
    }
  });

  it('leaves units and states of any kind for the pipeline to judge', () => {
    const [reading] = decodeStandardBody({
      values: { a: { v: 1, unit: 7, status: 1 }, b: { unit: null }, c: { v: 'x', unit: 'u'.repeat(500) } },
    });
    expect(reading?.values).toEqual({
      a: { v: 1, unit: '7', status: '01' },
      b: { v: undefined },
      c: { v: 'x', unit: 'u'.repeat(64) },
    });
  });
});

describe('any JSON', () => {
  it('gives names that a quantity may have, for every key with a letter in it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-zĐạ][ A-Za-z0-9.µ-]{0,30}$/), (key) => {
        const [name] = Object.keys(decodeFlatJson({ values: { [key]: 1 } })[0]?.values ?? {});
        expect(name).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
      }),
    );
  });

  it('spells names the way people expect', () => {
    const [reading] = decodeFlatJson({
      values: { airTemp: 1, 'PM2.5': 2, 'Độ ẩm': 3, 'rain mm': 4, '4g': 5 },
    });
    expect(Object.keys(reading?.values ?? {})).toEqual(['air_temp', 'pm2_5', 'do_am', 'rain_mm', '4g']);
  });

  it('refuses two keys that end up with one name', () => {
    expect(codeOf(() => decodeFlatJson({ a_b: 1, a: { b: 2 } }))).toBe('payload.schema');
    expect(codeOf(() => decodeFlatJson({ airTemp: 1, air_temp: 2 }))).toBe('payload.schema');
  });

  it('counts the quantities of the whole message, not of one reading', () => {
    const [first, second] = [quantities(40), { ...quantities(30), other: 1 }];
    expect(codeOf(() => decodeFlatJson({ readings: [{ values: first }, { values: second }] }))).toBe(
      'accepted',
    );
    const apart = Object.fromEntries(Object.entries(second).map(([key, v]) => [`x${key}`, v]));
    expect(codeOf(() => decodeFlatJson({ readings: [{ values: first }, { values: apart }] }))).toBe(
      'device.too_many_quantities',
    );
  });

  it('keeps a group that only looks like a full value', () => {
    expect(decodeFlatJson({ battery: { v: 3.6, percent: 80 } })[0]?.values).toEqual({
      battery_v: { v: 3.6 },
      battery_percent: { v: 80 },
    });
  });

  it('refuses an object with nothing measured in it', () => {
    expect(codeOf(() => decodeFlatJson({ model: 'SM-3', tags: [1, 2], note: null }))).toBe('payload.empty');
  });
});
