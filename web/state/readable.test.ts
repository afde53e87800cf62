import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readable, readableJson } from './readable.ts';

describe('texts of the server on the screen', () => {
  it('name what could not be seen', () => {
    expect(readable('Trạm \u202eKK-02')).toBe('Trạm ‹U+202E›KK-02');
    expect(readable('a\u200bb\u0000c\u{e0041}d\ufeff')).toBe('a‹U+200B›b‹U+0000›c‹U+E0041›d‹U+FEFF›');
  });

  it('keep what people write: Vietnamese in either form, lines, emoji, other scripts', () => {
    for (const text of [
      'Phường Cửa Biển',
      'Cửa Biển'.normalize('NFD'),
      'một\nhai\tba',
      '👩‍🚒 đội 1',
      'محطة',
      'สถานี',
    ])
      expect(readable(text)).toBe(text);
  });

  it('are found in JSON however they are written there', () => {
    expect(readableJson('{"a":["\\u202e","\u2066x"],"b":1,"c":"\\u0007"}')).toEqual({
      a: ['‹U+202E›', '‹U+2066›x'],
      b: 1,
      c: '‹U+0007›',
    });
    expect(() => readableJson('{')).toThrow(SyntaxError);
  });

  it('are otherwise what the server sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const expected: unknown = JSON.parse(text, (_, part) =>
          typeof part === 'string' ? readable(part) : part,
        );
        expect(readableJson(text)).toEqual(expected);
      }),
    );
  });
});
