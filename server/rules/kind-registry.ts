import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../core/errors.ts';
import type { RuleKind } from './kind.ts';

export interface RuleKinds {
  get(id: string): RuleKind | undefined;
  /** In the order of their ids. */
  all(): readonly RuleKind[];
}

/** Loads every rule kind of the folder. A broken one stops the start, not the first item it would judge. */
export async function loadRuleKinds(folder = join(import.meta.dirname, 'kinds')): Promise<RuleKinds> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const kinds = new Map<string, RuleKind>();
  for (const file of files.sort()) {
    const module: { default?: Partial<RuleKind> } = await import(pathToFileURL(join(folder, file)).href);
    const kind = module.default;
    const fail = (detail: string): never => {
      throw new AppError('config.invalid', { detail: `rule kind ${file}: ${detail}` });
    };
    if (!kind || typeof kind.evaluate !== 'function') fail('has no default export made by defineKind()');
    const { id, examples } = kind as RuleKind;
    if (`${id}.ts` !== file) fail(`its id is ${id}, not the name of the file`);
    if (examples.length === 0) fail('has no examples');
    kinds.set(id, kind as RuleKind);
  }
  return { get: (id) => kinds.get(id), all: () => [...kinds.values()] };
}
