import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { Settings } from './settings.ts';

export interface ConfigLeaf {
  path: string;
  env: string;
  meaning: string;
  fallback: unknown;
}

interface ConfigSource extends ConfigLeaf {
  value: unknown;
  /** `default`, the YAML file's path, or the environment variable's name. */
  from: string;
}

export interface LoadedConfig {
  settings: Settings;
  sources: ConfigSource[];
}

/** Names that are not `HAIDANG_…` but mean a setting. */
const OTHER_NAMES: Record<string, string> = { FFMPEG_PATH: 'media.ffmpegPath', PATH: 'media.searchPath' };
/** Settings whose value is never printed. */
const SECRET = new Set(['adminPassword', 'db.url', 'http.metricsToken', 'signIn.oidc.clientSecret']);

const envName = (path: string) =>
  `HAIDANG_${path
    .split('.')
    .map((part) => part.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase())
    .join('__')}`;

/** Every setting, in the order of the schema. */
export function configLeaves(): ConfigLeaf[] {
  const defaults = Settings.parse({}) as Record<string, unknown>;
  const leaves: ConfigLeaf[] = [];
  const walk = (schema: z.ZodType, path: string, fallback: unknown) => {
    const object = unwrapObject(schema);
    if (!object) {
      leaves.push({
        path,
        env: envName(path),
        meaning: schema.description ?? innerDescription(schema),
        fallback,
      });
      return;
    }
    for (const [key, child] of Object.entries(object.shape)) {
      walk(
        child as z.ZodType,
        path === '' ? key : `${path}.${key}`,
        (fallback as Record<string, unknown>)?.[key],
      );
    }
  };
  walk(Settings, '', defaults);
  return leaves;
}

function unwrapObject(schema: z.ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodPrefault) return unwrapObject(schema.unwrap() as z.ZodType);
  return undefined;
}

function innerDescription(schema: z.ZodType): string {
  return schema instanceof z.ZodPipe ? ((schema.in as z.ZodType).description ?? '') : '';
}

/**
 * Reads the configuration: defaults, then the YAML file, then the environment. Unknown keys are errors with the
 * nearest known name. `overrides` are for tests and command-line flags and win over everything.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
  overrides: Record<string, unknown> = {},
): LoadedConfig {
  const leaves = configLeaves();
  const byPath = new Map(leaves.map((leaf) => [leaf.path, leaf]));
  const found = new Map<string, { value: unknown; from: string }>();
  const problems: string[] = [];

  const file = env.HAIDANG_CONFIG ?? join(env.HAIDANG_DATA_DIR ?? './data', 'haidang.yaml');
  if (existsSync(file)) {
    for (const [path, value] of flatten(parse(readFileSync(file, 'utf8')) ?? {})) {
      if (byPath.has(path)) found.set(path, { value, from: file });
      else problems.push(`${file}: unknown setting "${path}"${hint(path, [...byPath.keys()])}`);
    }
  } else if (env.HAIDANG_CONFIG !== undefined) {
    problems.push(`${file}: no such file (HAIDANG_CONFIG)`);
  }

  const byEnv = new Map(leaves.map((leaf) => [leaf.env, leaf.path]));
  for (const [name, path] of Object.entries(OTHER_NAMES)) {
    if (env[name]) found.set(path, { value: env[name], from: name });
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('HAIDANG_') || name === 'HAIDANG_CONFIG' || name.startsWith('HAIDANG_TEST_'))
      continue;
    const path = byEnv.get(name);
    if (path === undefined) problems.push(`unknown setting ${name}${hint(name, [...byEnv.keys()])}`);
    else if (value !== undefined && value !== '') found.set(path, { value, from: name });
  }
  for (const [path, value] of flatten(overrides)) found.set(path, { value, from: 'command line' });
  if (problems.length > 0) throw new AppError('config.invalid', { detail: problems.join('; ') });

  const raw: Record<string, unknown> = {};
  for (const [path, { value }] of found) assign(raw, path.split('.'), value);
  const result = Settings.safeParse(raw);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const path = issue.path.join('.');
      return `${path} (${found.get(path)?.from ?? 'default'}): ${issue.message}`;
    });
    throw new AppError('config.invalid', { detail: lines.join('; ') });
  }
  return {
    settings: result.data,
    sources: leaves.map((leaf) => ({
      ...leaf,
      value: redact(leaf.path, read(result.data, leaf.path)),
      from: found.get(leaf.path)?.from ?? 'default',
    })),
  };
}

/** What the audit trail keeps of the settings at a start: which are not at their default, and a hash of all. */
export function settingsFacts(settings: Settings): { settings: string[]; settingsSha256: string } {
  const shown = configLeaves().map(({ path, fallback }) => {
    const value = redact(path, read(settings, path));
    return { path, value, isSet: JSON.stringify(value) !== JSON.stringify(fallback) };
  });
  const text = JSON.stringify(shown.map(({ path, value }) => [path, value ?? null]));
  return {
    settings: shown.filter(({ isSet }) => isSet).map(({ path }) => path),
    settingsSha256: createHash('sha256').update(text).digest('hex'),
  };
}

function redact(path: string, value: unknown): unknown {
  return SECRET.has(path) && value !== undefined ? '***' : value;
}

function flatten(value: unknown, prefix = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, child]) =>
    flatten(child, prefix === '' ? key : `${prefix}.${key}`),
  );
}

function assign(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const child = (target[head] ?? {}) as Record<string, unknown>;
  target[head] = child;
  assign(child, rest, value);
}

function read(target: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], target);
}

function hint(name: string, known: string[]): string {
  const best = known
    .map((candidate) => ({ candidate, d: distance(name, candidate) }))
    .sort((a, b) => a.d - b.d)[0];
  return best && best.d <= Math.max(3, name.length / 3) ? `, did you mean ${best.candidate}?` : '';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `config/default.yaml`: every setting commented out at its default. */
export function defaultYaml(): string {
  const lines = [
    '# Every setting with its default. Copy what you change to <dataDir>/haidang.yaml.',
    '# Generated: npx haidang config default',
    '',
  ];
  let open: string[] = [];
  for (const leaf of configLeaves()) {
    const parts = leaf.path.split('.');
    const sections = parts.slice(0, -1);
    for (const [depth, section] of sections.entries())
      if (sections.slice(0, depth + 1).join('.') !== open.slice(0, depth + 1).join('.'))
        lines.push(`# ${'  '.repeat(depth)}${section}:`);
    open = sections;
    const indent = '  '.repeat(sections.length);
    lines.push(`# ${indent}# ${leaf.meaning} (${leaf.env})`);
    const value = leaf.fallback === undefined ? '' : ` ${JSON.stringify(leaf.fallback)}`;
    lines.push(`# ${indent}${parts.at(-1)}:${value}`);
  }
  return `${lines.join('\n')}\n`;
}
