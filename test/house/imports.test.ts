import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = [
  'core',
  'server',
  'ingest',
  'gis',
  'streams',
  'devices',
  'web',
  'test',
  'bench',
  'tools',
] as const;
type Folder = (typeof FOLDERS)[number];

/** Who may import whom: docs/architecture.md has the same table in words. */
const MAY_IMPORT: Record<Folder, readonly Folder[]> = {
  core: [],
  gis: ['core'],
  devices: ['core'],
  streams: ['core'],
  ingest: ['core', 'devices', 'gis'],
  server: ['core', 'gis'],
  web: ['core', 'gis'],
  test: FOLDERS,
  bench: FOLDERS,
  tools: FOLDERS,
};
/** What a browser cannot load. */
const NODE_ONLY = /from '(node:[^']+|pg|express|ws|aedes|sharp|mqtt)'/;
/** Shared infrastructure of the server that every capability may use without meeting another capability. */
const SERVER_BASE = new Set(['db', 'http', 'bus']);

interface Import {
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules') && !file.startsWith('web/dist/'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) => ({
    from: file,
    to: relative(ROOT, resolve(ROOT, dirname(file), match[1] ?? '')),
  }));
}

const files = FOLDERS.flatMap(sources);
const isTest = (file: string) => /\.test\.tsx?$/.test(file);
const product = files.filter((file) => !isTest(file));
const imports = product.flatMap(importsOf);
const folderOf = (file: string) => file.split('/')[0] as Folder;
/** Second level for the server's capabilities, first level elsewhere. */
const roomOf = (file: string) =>
  folderOf(file) === 'server' ? file.split('/').slice(0, 2).join('/') : folderOf(file);
const isBoot = (file: string) => file.startsWith('server/boot/') || file === 'server/main.ts';

describe('the house', () => {
  it('lets folders import only what the table allows', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [a, b] = [folderOf(from), folderOf(to)];
      return a !== b && FOLDERS.includes(b) && !isBoot(from) && !MAY_IMPORT[a].includes(b);
    });
    expect(wrong).toEqual([]);
  });

  it('imports across folders and capabilities only through faces', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (roomOf(from) === roomOf(to) || ['test', 'bench', 'tools'].includes(folderOf(from))) return false;
      // The face of `gis` has parts that a browser cannot load.
      if (folderOf(to) === 'core' || (folderOf(to) === 'gis' && folderOf(from) === 'web')) return false;
      return !/\/index\.tsx?$/.test(to);
    });
    expect(wrong).toEqual([]);
  });

  it('lets capabilities meet without circles', () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      if (folderOf(from) !== 'server' || folderOf(to) !== 'server') continue;
      const [a, b] = [roomOf(from), roomOf(to)];
      if (a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const circles: string[][] = [];
    const walk = (room: string, path: string[]) => {
      if (path.includes(room)) {
        circles.push([...path.slice(path.indexOf(room)), room]);
        return;
      }
      for (const next of edges.get(room) ?? []) walk(next, [...path, room]);
    };
    for (const room of edges.keys()) walk(room, []);
    expect(circles).toEqual([]);
  });

  it('keeps the server’s shared base free of capabilities', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        folderOf(from) === 'server' &&
        SERVER_BASE.has(from.split('/')[1] ?? '') &&
        folderOf(to) === 'server' &&
        !SERVER_BASE.has(to.split('/')[1] ?? ''),
    );
    expect(wrong).toEqual([]);
  });

  it('reads the environment only in the configuration', () => {
    const wrong = product.filter(
      (file) =>
        !/^(test|bench|tools)\//.test(file) &&
        file !== 'server/boot/config.ts' &&
        /process\.env/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('writes SQL only where SQL lives', () => {
    const statement = /`\s*(select|insert into|update|delete from|copy|create|alter)\s/i;
    const wrong = product.filter(
      (file) =>
        /^(server|ingest|gis|streams|devices|core|web)\//.test(file) &&
        !/(\/sql\.ts|\/sql\/[^/]+\.ts)$/.test(file) &&
        !file.startsWith('ingest/writer/') &&
        !file.startsWith('server/db/') &&
        statement.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps core, and what the web imports of gis, free of Node', () => {
    const reached = new Set(
      imports.filter((i) => i.from.startsWith('web/') && i.to.startsWith('gis/')).map((i) => i.to),
    );
    for (const file of reached)
      for (const next of importsOf(file)) if (next.to.startsWith('gis/')) reached.add(next.to);
    const wrong = [...product.filter((file) => file.startsWith('core/')), ...reached].filter((file) =>
      NODE_ONLY.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('has no file over 500 lines', () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 500);
    expect(long).toEqual([]);
  });
});
