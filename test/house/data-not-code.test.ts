import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROFILES = join(ROOT, 'config/provinces');

interface Profile {
  province: { nameVi: string; nameEn: string };
  bodies: { id: string; nameVi: string }[];
  domains: { id: string }[];
  dispatch: { unitKinds: { id: string }[] };
}

const profiles = readdirSync(PROFILES)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parse(readFileSync(join(PROFILES, file), 'utf8')) as Profile);

/** What the product runs: no tests, no tools, and not the invented world of the map's harness. */
const code = ['core', 'server', 'ingest', 'gis', 'streams', 'devices', 'web']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .filter((file) => !/\/(dist|harness)\//.test(file))
  .map((file) => ({ file: file.slice(ROOT.length), text: readFileSync(file, 'utf8') }));

const using = (pattern: (word: string) => RegExp, words: Iterable<string>) =>
  [...new Set(words)].flatMap((word) =>
    code.filter(({ text }) => pattern(word).test(text)).map(({ file }) => `${file}: ${word}`),
  );
const quoted = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('what differs between provinces', () => {
  it('is data: no domain of a profile is named in code', () => {
    const literal = (word: string) => new RegExp(`(?<!\\[)(['"\`])${quoted(word)}\\1`);
    expect(
      using(
        literal,
        profiles.flatMap((profile) => profile.domains.map((domain) => domain.id)),
      ),
    ).toEqual([]);
  });

  it('is data: no province and no agency is named in code', () => {
    const names = profiles.flatMap((profile) => [
      profile.province.nameVi,
      profile.province.nameEn,
      ...profile.bodies.map((body) => body.nameVi),
    ]);
    expect(using((word) => new RegExp(quoted(word)), names)).toEqual([]);
  });
});
