import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../core/quality.ts';
import { QUANTITIES, type QuantityCode } from '../../core/quantities.ts';
import { parsePosition } from './position.ts';
import { isRefusal, judge, readNumber, toUnit } from './value.ts';

const code = (result: ReturnType<typeof readNumber>) => (isRefusal(result) ? result.code : result);

describe('values', () => {
  it('keeps every number that a double holds exactly as sent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }), (v) => {
        const out = readNumber(v);
        expect(out).toBe(v === 0 ? 0 : v);
        expect(Object.is(out, -0)).toBe(false);
      }),
    );
  });

  it('keeps the smallest numbers', () => {
    expect(readNumber(Number.MIN_VALUE)).toBe(Number.MIN_VALUE);
  });

  it.each([
    [Number.NaN, 'value.not_finite'],
    [JSON.parse('1e999') as number, 'value.not_finite'],
    [JSON.parse('-1e999') as number, 'value.not_finite'],
    [JSON.parse('9007199254740993') as number, 'value.unsafe_integer'],
    [-1e300, 'value.unsafe_integer'],
    ['41.2', 'value.not_number'],
    [true, 'value.not_number'],
    [undefined, 'value.not_number'],
    [[1], 'value.not_number'],
    [{ v: 1 }, 'value.not_number'],
  ])('refuses %j as %s', (v, expected) => {
    expect(code(readNumber(v))).toBe(expected);
  });

  it('never passes on anything but a finite number, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (v) => {
        const out = readNumber(v);
        if (!isRefusal(out)) expect(Number.isFinite(out)).toBe(true);
      }),
    );
  });

  it('converts what devices write to the canonical unit', () => {
    expect(toUnit(0.7, 'mg/m3', 'ug/m3')).toBeCloseTo(700);
    expect(toUnit(300, 'K', 'degC')).toBeCloseTo(26.85);
    expect(toUnit(41.2, 'µg/m³', 'ug/m3')).toBe(41.2);
    expect(toUnit(41.2, undefined, 'ug/m3')).toBe(41.2);
  });

  it('refuses a unit of another kind and one nobody knows', () => {
    expect(code(toUnit(1, 'degC', 'ug/m3'))).toBe('value.unknown_unit');
    expect(code(toUnit(1, 'furlong', 'm'))).toBe('value.unknown_unit');
  });

  it('goes to a unit and back without losing more than the last digits', () => {
    const pairs = [
      ['mg/m3', 'ug/m3'],
      ['degF', 'degC'],
      ['kPa', 'hPa'],
      ['kn', 'km/h'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.double({ min: -1e6, max: 1e6, noNaN: true }), ([a, b], v) => {
        const there = toUnit(v, a, b);
        if (isRefusal(there)) throw new Error(there.reason);
        expect(toUnit(there, b, a)).toBeCloseTo(v, 6);
      }),
    );
  });
});

describe('quality', () => {
  it('is bad outside the plausible range and good inside, for every quantity', () => {
    for (const quantity of Object.keys(QUANTITIES) as QuantityCode[]) {
      const { min, max } = QUANTITIES[quantity] as { min?: number; max?: number };
      if (min !== undefined) {
        expect(judge(min - 1, undefined, QUANTITIES[quantity])).toBe(QUALITY.bad);
        expect(judge(min, undefined, QUANTITIES[quantity])).toBe(QUALITY.good);
      }
      if (max !== undefined) {
        expect(judge(max + 1, undefined, QUANTITIES[quantity])).toBe(QUALITY.bad);
        expect(judge(max, undefined, QUANTITIES[quantity])).toBe(QUALITY.good);
      }
    }
  });

  it('follows the analyser’s own state before the range', () => {
    expect(judge(-5, '01', QUANTITIES.pm25)).toBe(QUALITY.calibrating);
    expect(judge(5, '02', QUANTITIES.pm25)).toBe(QUALITY.fault);
    expect(judge(5, '00', QUANTITIES.pm25)).toBe(QUALITY.good);
    expect(judge(5, '77', QUANTITIES.pm25)).toBe(QUALITY.suspect);
  });
});

describe('positions', () => {
  it('keeps every place on earth but the null island', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -90, max: 90, noNaN: true }),
        (lon, lat) => {
          fc.pre(Math.abs(lon) > 0.001 || Math.abs(lat) > 0.001);
          expect(parsePosition([lon, lat])).toEqual([lon, lat]);
        },
      ),
    );
  });

  it('leaves an altitude out', () => {
    expect(parsePosition([105.15, 9.18, 2.5])).toEqual([105.15, 9.18]);
  });

  it.each([
    [[105, 95]],
    [[181, 9]],
    [[540, 9]],
    [[9.18, 105.15]],
    [[0, 0]],
    [[0.00001, -0.00001]],
    [[105]],
    [[105, 9, 1, 2]],
    [['105', '9']],
    [[Number.NaN, 9]],
    [[105, Number.POSITIVE_INFINITY]],
    [[105, null]],
    [{ lon: 105, lat: 9 }],
    ['105,9'],
    [null],
    [[]],
  ])('refuses %j', (position) => {
    expect(typeof parsePosition(position)).toBe('string');
  });
});
