import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from './errors.ts';
import { isUnsafeInteger, parseJson } from './json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('parseJson', () => {
  it('gives what JSON.parse gives for any value whose keys are honest', () => {
    const anyJson = fc
      .jsonValue({ maxDepth: 6 })
      .filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(anyJson, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('finds a key that comes twice, however deep and however it is escaped', () => {
    const key = fc.string({ maxLength: 4 });
    fc.assert(
      fc.property(key, key, fc.nat({ max: 7 }), fc.boolean(), (name, other, depth, escaping) => {
        fc.pre(name !== `${other}!`);
        const units = Array.from({ length: name.length }, (_, i) => name.charCodeAt(i));
        const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
        const second = escaping ? `"${escaped}"` : JSON.stringify(name);
        const object = `{${JSON.stringify(name)}:1,${JSON.stringify(`${other}!`)}:[":"],${second}:2}`;
        const text = `${'{"a":['.repeat(depth)}${object}${']}'.repeat(depth)}`;
        expect(codeOf(() => parseJson(bytes(text)))).toBe('payload.schema');
      }),
      { numRuns: 300 },
    );
  });

  it('accepts the same key in two different objects', () => {
    expect(parseJson(bytes('[{"v":1},{"v":2},{"a":{"v":"\\"v\\":"}}]'))).toEqual([
      { v: 1 },
      { v: 2 },
      { a: { v: '"v":' } },
    ]);
  });

  it.each([
    ['text that stops in the middle', '{"values":{"pm25":41'],
    ['two documents', '{} {}'],
    ['nothing', ''],
    ['a bare word', 'NaN'],
    ['a single quote', "{'a':1}"],
    ['hundreds of thousands of open brackets', '['.repeat(300_000)],
  ])('refuses %s as not JSON', (_name, text) => {
    expect(codeOf(() => parseJson(bytes(text)))).toBe('payload.not_json');
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(codeOf(() => parseJson(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)))).toBe('payload.not_json');
    // An overlong slash and a lone surrogate: valid to careless decoders only.
    expect(codeOf(() => parseJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)))).toBe('payload.not_json');
    expect(codeOf(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)))).toBe('payload.not_json');
  });

  it('ignores a byte order mark', () => {
    expect(parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x37))).toBe(7);
  });

  it('counts nesting and stops at the limit', () => {
    expect(codeOf(() => parseJson(bytes(nested(16))))).toBe('accepted');
    expect(codeOf(() => parseJson(bytes(nested(17))))).toBe('payload.schema');
    expect(codeOf(() => parseJson(bytes(nested(17)), 17))).toBe('accepted');
    expect(codeOf(() => parseJson(bytes(nested(10_000))))).toBe('payload.schema');
  });

  it('refuses a __proto__ key and leaves every prototype as it was', () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"a":[{"\\u005f_proto__":1}]}']) {
      expect(codeOf(() => parseJson(bytes(text)))).toBe('payload.schema');
    }
    expect({}).not.toHaveProperty('admin');
  });

  it('keeps numbers that cannot be exact recognisable', () => {
    expect(parseJson(bytes('[1e999,-1e999]'))).toEqual([Infinity, -Infinity]);
    const [plus, minus, largest, half] = parseJson(
      bytes('[9007199254740993,-9007199254740993,9007199254740991,0.5]'),
    ) as [number, number, number, number];
    expect([plus, minus, largest, half].map(isUnsafeInteger)).toEqual([true, true, false, false]);
    expect(isUnsafeInteger(Infinity)).toBe(false);
    expect(codeOf(() => parseJson(bytes(`[${'9'.repeat(1_000_000)}]`)))).toBe('accepted');
  });
});
