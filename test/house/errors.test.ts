import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../core/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the list of errors', () => {
  const documented = [
    ...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([a-z_.]+)` \| (\d+) \|/gm),
  ];

  it('is the same in the code and in docs/errors.md, with the same status', () => {
    const inDocs = Object.fromEntries(documented.map((match) => [match[1], Number(match[2])]));
    const inCode = Object.fromEntries(Object.entries(ERRORS).map(([code, kind]) => [code, kind.status]));
    expect(inDocs).toEqual(inCode);
  });

  it('has no code that nothing raises', () => {
    const sources = ['core', 'server', 'ingest', 'gis', 'streams', 'devices', 'tools', 'web']
      .flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
          .filter(
            (entry) => entry.isFile() && /\.(ts|tsx)$/.test(entry.name) && !entry.name.includes('.test.'),
          )
          .map((entry) => join(entry.parentPath, entry.name)),
      )
      .filter((file) => !file.endsWith('core/errors.ts') && !file.includes('/dist/'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const unused = Object.keys(ERRORS).filter((code) => !sources.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });
});
