import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadDeviceTypes } from './registry.ts';
import { createWorld } from './simulators/world.ts';

it('the type in the recipe loads, decodes its samples and what it simulates', async () => {
  const text = await readFile(new URL('../docs/recipes/add-a-device-type.md', import.meta.url), 'utf8');
  const code = text.match(/```ts\n([\s\S]*?)```/)?.[1] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'recipe-'));
  try {
    const here = fileURLToPath(new URL('./types/', import.meta.url));
    await writeFile(join(folder, 'noise-meter.ts'), code.replaceAll("from '../", `from '${here}../`));
    const [type] = (await loadDeviceTypes(folder)).all();
    expect(type?.id).toBe('noise-meter');
    for (const sample of type?.samples ?? []) expect(type?.decode(sample.payload)).toEqual(sample.expect);
    const centre: [number, number] = [105.45, 9.2];
    const body = type?.simulate({
      seed: 1,
      deviceId: 'a',
      timeMs: 1_795_309_200_000,
      position: centre,
      intervalS: 60,
      world: createWorld({ seed: 1, centre }),
      properties: {},
    });
    expect(Object.keys(type?.decode(body)[0]?.values ?? {})).toEqual(['noise', 'battery']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
