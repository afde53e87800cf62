import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Asvs, asvsTable } from '../../tools/asvs-table.ts';

/** The sections of OWASP ASVS 5.0.0, each with the level of its items in their order. */
const SECTIONS = `
1.1 22 | 1.2 1111122223 | 1.3 112222222223 | 1.4 222 | 1.5 123
2.1 122 | 2.2 112 | 2.3 12223 | 2.4 23
3.1 3 | 3.2 113 | 3.3 12223 | 3.4 11222233 | 3.5 11122333 | 3.6 3 | 3.7 22333
4.1 12233 | 4.2 23333 | 4.3 22 | 4.4 1222
5.1 2 | 5.2 112333 | 5.3 113 | 5.4 222
6.1 122 | 6.2 111111112222 | 6.3 11223333 | 6.4 112233 | 6.5 22222333 | 6.6 2223 | 6.7 33 | 6.8 2222
7.1 222 | 7.2 1111 | 7.3 22 | 7.4 11222 | 7.5 223 | 7.6 22
8.1 1233 | 8.2 1123 | 8.3 133 | 8.4 23
9.1 111 | 9.2 1222
10.1 22 | 10.2 223 | 10.3 22223 | 10.4 1111122222233333 | 10.5 22222 | 10.6 22 | 10.7 222
11.1 2233 | 11.2 22233 | 11.3 11233 | 11.4 1222 | 11.5 23 | 11.6 23 | 11.7 33
12.1 12233 | 12.2 11 | 12.3 22223
13.1 2333 | 13.2 222223 | 13.3 2233 | 13.4 1222233
14.1 22 | 14.2 12223333 | 14.3 122
15.1 12233 | 15.2 12233 | 15.3 1222222 | 15.4 3333
16.1 2 | 16.2 22222 | 16.3 2222 | 16.4 222 | 16.5 2223
17.1 23 | 17.2 22223333 | 17.3 22
`;
const STANDARD = SECTIONS.trim()
  .split(/\s*[|\n]\s*/)
  .flatMap((section) => {
    const [id = '', levels = ''] = section.split(' ');
    return [...levels].map((level, n) => ({ id: `${id}.${n + 1}`, level: Number(level) }));
  });

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const read = (file: string) => readFileSync(path(file), 'utf8');
const answers = Asvs.parse(parse(read('docs/asvs.yaml')));
const items = answers.flatMap((chapter) => chapter.items);

describe('the answers to OWASP ASVS 5.0', () => {
  it('cover every item of levels 1 and 2, each once, with its level', () => {
    const levels = [1, 2, 3].map((level) => STANDARD.filter((item) => item.level === level).length);
    expect(levels).toEqual([70, 183, 92]);
    const asked = STANDARD.filter(({ level }) => level < 3);
    expect(items.map(({ id, level }) => ({ id, level }))).toEqual(asked);
  });

  it('name tests and documents that exist', () => {
    const sources = new Map<string, string>();
    const source = (file: string) => {
      if (!sources.has(file)) sources.set(file, existsSync(path(file)) ? read(file) : '');
      return sources.get(file) ?? '';
    };
    const missing = items.flatMap(({ id, tests, docs }) => [
      ...tests
        .filter((test) => {
          const [file = '', ...title] = test.split(': ');
          return !/\.test\.tsx?$/.test(file) || !source(file).includes(title.join(': '));
        })
        .map((test) => `${id}: ${test}`),
      ...docs.filter((file) => !existsSync(path(file))).map((file) => `${id}: ${file}`),
    ]);
    expect(missing).toEqual([]);
  });

  it('prove what they claim: a pass names a test or a document, the rest says why', () => {
    const bare = items.filter(
      ({ answer, tests, docs, how }) =>
        how.length < 3 || (answer === 'pass' && tests.length + docs.length === 0),
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('stand in docs/security.md as they are (else: node tools/docs.ts)', () => {
    expect(read('docs/security.md')).toContain(asvsTable(answers));
  });
});
