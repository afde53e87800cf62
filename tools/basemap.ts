/**
 * Makes the offline base map of config/basemap/ from Natural Earth (through the package world-atlas): the world's land
 * fine round Viet Nam and coarse elsewhere, borders of countries, and names in two languages.
 * Deterministic. Run with `node tools/basemap.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildArchipelagos, buildLabels } from './basemap/names.ts';
import { buildWorld, type WorldAtlas } from './basemap/world.ts';

const require = createRequire(import.meta.url);
const target = join(import.meta.dirname, '..', 'config', 'basemap');
const atlas = JSON.parse(
  await readFile(require.resolve('world-atlas/countries-10m.json'), 'utf8'),
) as WorldAtlas;

for (const [name, text] of [
  ['world.topojson', JSON.stringify(buildWorld(atlas))],
  ['archipelagos.geojson', buildArchipelagos()],
  ['labels.geojson', buildLabels()],
] as const) {
  await writeFile(join(target, name), `${text.trimEnd()}\n`);
  console.log(`${name} ${(text.length / 1024).toFixed(0)} KiB`);
}
