import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['core', 'server', 'ingest', 'gis', 'streams', 'devices', 'web'];

/** What turns data into code, or hides what it does: never in the product, but where it is said here and why. */
const FORBIDDEN: Record<string, { word: RegExp; why: string; but?: Record<string, string> }> = {
  eval: { word: /\beval\(|\bnew Function\b|node:vm\b/, why: 'text becomes code' },
  markup: {
    word: /\b(inner|outer)HTML\b|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write\b|srcdoc/i,
    why: 'text becomes markup',
  },
  shell: {
    word: /\bexecSync\(|child_process'\)?\.exec|\bexec\(\s*[`'"]|shell:\s*true/,
    why: 'text becomes a command',
  },
  'pattern of a text': { word: /\bnew RegExp\(/, why: 'a pattern from outside can take for ever' },
  'raw SQL': {
    word: /(?<![.\w])raw\(/,
    why: 'text becomes SQL; identifiers and directions come from a fixed list',
    but: {
      'raw(kind)': 'one of the kinds that a layer has, a type of ours',
      "raw(ascending ? '<=' : '<')": 'one of two',
      'raw(order);': "z.enum(['asc', 'desc'])",
    },
  },
  'SQL from parts': { word: /\.query\(\s*(`|'[^']*'\s*\+|\{\s*text:\s*`)/, why: 'text becomes SQL' },
  'unchecked certificate': {
    word: /rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/,
    why: 'anybody may answer',
  },
  'weak randomness': {
    word: /\bMath\.random\b/,
    why: 'can be guessed',
    but: { 'random: { next: Math.random },': 'when to try again, in the browser' },
  },
  'weak hash': {
    word: /createHash\('(md5|sha1)'\)/,
    why: 'two texts with one hash can be made',
    but: {
      "createHash('md5').update(`${path}-${expiry}-${secret}`)":
        'what node-media-server asks for, on loopback',
    },
  },
};

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !/node_modules|^web\/dist\/|^web\/map\/harness\//.test(file)),
).map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n') }));

describe('the product', () => {
  it.each(Object.entries(FORBIDDEN))(
    'never uses %s, but where it is said why',
    (_name, { word, why, but = {} }) => {
      const found = sources.flatMap(({ file, lines }) =>
        lines.flatMap((line, n) =>
          word.test(line) &&
          !/^\s*(\/\/|\*|\/\*)/.test(line) &&
          !Object.keys(but).some((text) => line.includes(text))
            ? [`${file}:${n + 1}: ${line.trim()} (${why})`]
            : [],
        ),
      );
      expect(found).toEqual([]);
    },
  );

  it('excuses nothing that is no longer there', () => {
    const excuses = Object.values(FORBIDDEN).flatMap(({ but = {} }) => Object.keys(but));
    const text = sources.flatMap(({ lines }) => lines).join('\n');
    expect(excuses.filter((excuse) => !text.includes(excuse))).toEqual([]);
  });
});
