import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../core/errors.ts';
import { EXAMPLE_ZONE } from './examples.ts';
import type { KindTools } from './kind.ts';
import { loadRuleKinds } from './kind-registry.ts';

const kinds = await loadRuleKinds();
const tools: KindTools = { timeZone: EXAMPLE_ZONE, area: () => undefined };
const free = kinds.get('expression');

/** Whether a rule of free text is taken; throws what is no refusal. */
function takes(expression: string): boolean {
  const params = free?.params.safeParse({ inputs: ['pm25', 'humidity'], expression, maxAgeS: 600 });
  if (!free || !params?.success) return false;
  try {
    free.prepare(params.data, tools);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'rule.invalid') return false;
    throw error;
  }
}

const eight = '[1,2,3,4,5,6,7,8]';
const nested = Array.from({ length: 9 }).reduce<string>(
  (inner, _, n) => `${eight}.all(x${n}, ${inner})`,
  'true',
);

describe('the parameters of a rule that mean harm', () => {
  it('take conditions on numbers, so that the refusals below have teeth', () => {
    for (const text of [
      'pm25 > 100',
      'abs(pm25 - humidity) * 2.5 <= 3 || pm25 >= 1e3',
      'pm25 in [1.0, 2.0] ? true : humidity < 3',
    ])
      expect(takes(text), text).toBe(true);
  });

  it('reach nothing but their quantities', () => {
    for (const text of [
      `pm25.constructor.constructor('return process')() == 1`,
      'pm25.constructor == 1',
      'pm25["constructor"] == 1',
      'constructor == 1',
      '__proto__ == 1',
      'pm25.__proto__.polluted == 1',
      'globalThis == 1',
      'process.exit(1) == 1',
      "import('node:fs') == 1",
      'this == 1',
      'temperature > 1',
      'toString() == 1',
      'abs.constructor == 1',
      '(() => true)()',
      'pm25 = 5',
      'pm25 > 1; pm25 < 1',
      '`pm25` == 1',
    ])
      expect(takes(text), text).toBe(false);
  });

  it('cannot run for long: no patterns, no loops, no towers', () => {
    for (const text of [
      `'${'a'.repeat(40)}b'.matches('(a+)+$')`,
      `"a".matches("(a|a)*b") || pm25 > 1`,
      nested,
      `${eight}.exists(x, ${eight} . map(y, y * x).exists(z, z > pm25))`,
      `${'('.repeat(300)}pm25${')'.repeat(300)} > 1`,
      Array.from({ length: 300 }, () => 'pm25')
        .join('+')
        .concat('>1'),
      `${'!'.repeat(900)}true`,
      `${'-'.repeat(900)}1 > pm25`,
      `pm25 > 1${' '.repeat(2000)}`,
      Array.from({ length: 60 }, () => 'pm25 > 1 ?')
        .join(' ')
        .concat(' true', ' : false'.repeat(60)),
    ])
      expect(takes(text), text.slice(0, 60)).toBe(false);
  });

  it('are taken or refused, and nothing else, whatever is written', () => {
    const word = fc.constantFrom(
      ...[
        'pm25',
        'humidity',
        '1',
        '2.5',
        '1e999',
        '+',
        '-',
        '*',
        '/',
        '%',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        ',',
        '.',
        '?',
      ],
      ...[
        ':',
        '&&',
        '||',
        '!',
        '<',
        '>=',
        '==',
        'in',
        'abs',
        'least',
        "'",
        '"',
        '\\',
        'constructor',
        '\u0000',
        '\ud800',
        '//',
      ],
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), (words) => {
        expect(typeof takes(words.join(' '))).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });

  it('name no kind that is none', () => {
    for (const id of ['__proto__', 'constructor', 'toString', '../kind', 'threshold.ts', ''])
      expect(kinds.get(id), id).toBeUndefined();
  });

  it.each(kinds.all().map((kind) => [kind.id, kind] as const))(
    'of the kind %s are refused with a reason when they are anything but its own',
    (_id, kind) => {
      const sample = kind.examples[0]?.params ?? {};
      for (const hostile of [
        ...[null, 1, 'x', [], { constructor: 1 }, JSON.parse('{"__proto__":{"polluted":1}}')],
        ...Object.keys(sample).flatMap((name) =>
          [
            'constructor.constructor("return process")()',
            { valueOf: 'x', toString: 'x' },
            JSON.parse('{"__proto__":{"polluted":1}}'),
            Number.POSITIVE_INFINITY,
            Number.NaN,
            -1e308,
            Array.from({ length: 200_000 }, () => 'x'),
            'x'.repeat(300_000),
          ].map((value) => ({ ...(sample as object), [name]: value })),
        ),
      ]) {
        const parsed = kind.params.safeParse(hostile);
        if (!parsed.success) continue;
        try {
          kind.prepare(parsed.data, tools);
        } catch (error) {
          expect(isAppError(error), String(error)).toBe(true);
        }
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
});
