import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../core/errors.ts';
import { isQuantity } from '../core/quantities.ts';
import type { DeviceType } from './contract.ts';

export interface DeviceTypes {
  get(id: string): DeviceType | undefined;
  /** In the order of their ids. */
  all(): readonly DeviceType[];
}

/** Loads every `*.ts` of the folder that is no test; the file's default export is the type. */
export async function loadDeviceTypes(folder = join(import.meta.dirname, 'types')): Promise<DeviceTypes> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const types = await Promise.all(
    files.sort().map(async (file) => {
      const module: { default?: unknown } = await import(pathToFileURL(join(folder, file)).href);
      return { file, type: checkType(module.default, file) };
    }),
  );
  const byId = new Map<string, DeviceType>();
  const fileOf = new Map<string, string>();
  for (const { file, type } of types) {
    const other = fileOf.get(type.id);
    if (other !== undefined) fail(file, `the id ${type.id} is already taken by ${other}`);
    fileOf.set(type.id, file);
    byId.set(type.id, type);
  }
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { get: (id) => byId.get(id), all: () => sorted };
}

/** A broken plug-in must stop the start, not the first message it decodes. */
function checkType(candidate: unknown, file: string): DeviceType {
  if (typeof candidate !== 'object' || candidate === null) fail(file, 'has no default export');
  const type = candidate as DeviceType;
  if (typeof type.id !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(type.id))
    fail(file, 'id is not kebab case');
  if (!type.vi || !type.en || !type.icon) fail(file, 'needs a name in both languages and an icon');
  if (type.quantities !== 'any') {
    const unknown = type.quantities.filter((code) => !isQuantity(code));
    if (type.quantities.length === 0 || unknown.length > 0)
      fail(file, `unknown quantities: ${unknown.join(', ')}`);
  }
  if (!Number.isInteger(type.expectedIntervalS) || type.expectedIntervalS < 1)
    fail(file, 'bad expectedIntervalS');
  if (typeof type.decode !== 'function') fail(file, 'has no decode()');
  if (!Array.isArray(type.samples) || type.samples.length === 0) fail(file, 'has no samples');
  return type;
}

function fail(file: string, detail: string): never {
  throw new AppError('config.invalid', { detail: `device type ${file}: ${detail}` });
}
