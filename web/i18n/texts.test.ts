import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import en from './en.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };

const WEB = fileURLToPath(new URL('..', import.meta.url));
const base = (key: string) => key.replace(/_(one|other)$/, '');
const source = readdirSync(WEB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !file.includes('/dist/'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

/** Keys written out, and the beginnings of those that are put together: `t(\`severity.${severity}\`)`. */
const written = new Set(
  [...source.matchAll(/'([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)+)'/g)].map((match) => match[1]),
);
const composed = [...source.matchAll(/t\(`([a-z][A-Za-z0-9.]*\.)\$\{/g)].map((match) => match[1] ?? '');

describe('the texts', () => {
  it('say the same things in both languages', () => {
    expect([...new Set(Object.keys(en).map(base))].sort()).toEqual(Object.keys(vi).sort());
  });

  it('are all there and none is empty', () => {
    for (const [key, text] of [...Object.entries(vi), ...Object.entries(en)])
      expect(text.trim(), key).not.toBe('');
  });

  it('are all used', () => {
    const unused = Object.keys(vi).filter(
      (key) => !written.has(key) && !composed.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it('fill in the same values in both languages', () => {
    const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
    for (const [key, text] of Object.entries(en)) {
      const vietnamese = (vi as Record<string, string>)[base(key)] ?? '';
      expect(holes(text), key).toEqual(holes(vietnamese));
    }
  });

  it('shout nothing and congratulate nobody', () => {
    for (const text of [...Object.values(vi), ...Object.values(en)])
      expect(text).not.toMatch(/!|success|thành công/i);
  });
});
