import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, cssName, TEXT_PAIRS, type ThemeName, TOKENS, type Token } from './tokens.ts';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const block = (theme: ThemeName) =>
  css.split(`[data-mantine-color-scheme="${theme}"]`)[1]?.split('}')[0] ?? '';

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  it('has the same colours in the style sheet as in the code', () => {
    const written = Object.fromEntries(
      [...block(theme).matchAll(/(--hd-[a-z-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]),
    );
    const expected = Object.fromEntries(
      Object.entries(TOKENS[theme]).map(([token, colour]) => [cssName(token as Token), colour]),
    );
    expect(written).toEqual(expected);
  });

  it.each(TEXT_PAIRS)('keeps %s readable on %s', (text, ground) => {
    expect(contrast(TOKENS[theme][text], TOKENS[theme][ground])).toBeGreaterThanOrEqual(4.5);
  });

  it('draws every severity visibly on the panel and on land', () => {
    for (const severity of ['critical', 'major', 'minor', 'info'] as const) {
      for (const ground of ['panel', 'land'] as const)
        expect(contrast(TOKENS[theme][severity], TOKENS[theme][ground])).toBeGreaterThanOrEqual(3);
    }
  });
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

it('is what the design page says', () => {
  const page = readFileSync(new URL('../../docs/design.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ((?:`\w+` ?)+)\| ([^|]*)\| ([^|]*)\|/gm)].filter(([, , dark]) =>
    dark?.includes('#'),
  );
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
  for (const [, tokens, dark, light] of rows) {
    const names = words(tokens) as Token[];
    expect(words(dark)).toEqual(names.map((name) => TOKENS.dark[name]));
    expect(words(light)).toEqual(names.map((name) => TOKENS.light[name]));
  }
  expect(rows).toHaveLength(4);
});
