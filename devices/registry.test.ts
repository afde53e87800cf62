import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadDeviceTypes } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'device-types-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const plugIn = (id: string, change = '') => `export default {
  id: '${id}', vi: 'x', en: 'x', domain: null, icon: 'x', mobile: false, quantities: ['pm25'], expectedIntervalS: 60,
  decode: () => [], samples: [{}], ${change}
};`;
const write = (name: string, text: string) => writeFile(join(folder, name), text);

it('finds the types by listing the folder, in the order of their ids', async () => {
  await write('b.ts', plugIn('zeta'));
  await write('c.ts', plugIn('alpha'));
  await write('c.test.ts', 'throw new Error("a test is no plug-in")');
  const types = await loadDeviceTypes(folder);
  expect(types.all().map((type) => type.id)).toEqual(['alpha', 'zeta']);
  expect(types.get('zeta')?.expectedIntervalS).toBe(60);
  expect(types.get('beta')).toBeUndefined();
});

it('refuses two types with one id and names both files', async () => {
  await write('a.ts', plugIn('same'));
  await write('b.ts', plugIn('same'));
  await expect(loadDeviceTypes(folder)).rejects.toThrow(/b\.ts: the id same is already taken by a\.ts/);
});

it.each([
  ['no default export', 'export const x = 1;'],
  ['an id that is not kebab case', plugIn('Not_Kebab')],
  ['an unknown quantity', plugIn('x', "quantities: ['pm26']")],
  ['an interval of nothing', plugIn('x', 'expectedIntervalS: 0')],
  ['no samples', plugIn('x', 'samples: []')],
  ['no decoder', plugIn('x', 'decode: undefined')],
])('refuses a file with %s', async (_name, text) => {
  await write('broken.ts', text);
  await expect(loadDeviceTypes(folder)).rejects.toMatchObject({ code: 'config.invalid' });
});
