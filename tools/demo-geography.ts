/**
 * Draws the sample province and writes it to config/provinces/demo/. Deterministic: the same program writes the same
 * bytes. Run with `node tools/demo-geography.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { drawProvince } from './demo-geography/draw.ts';

const target = joinPath(import.meta.dirname, '..', 'config', 'provinces', 'demo');
await mkdir(target, { recursive: true });
for (const [name, text] of drawProvince()) {
  await writeFile(joinPath(target, name), text);
  console.log(`${name} ${(text.length / 1024).toFixed(0)} KiB`);
}
