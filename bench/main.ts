/** `npm run bench [name…]`: runs every `*.bench.ts` of this folder in turn and prints one table each. */
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Bench, BenchRow } from './contract.ts';

const dir = new URL('.', import.meta.url);
const wanted = process.argv.slice(2);
const files = readdirSync(dir)
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
  .sort();

console.log(
  `${new Date().toISOString()}  ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
let failed = 0;
for (const file of files) {
  const { bench } = (await import(new URL(file, dir).href)) as { bench: Bench };
  console.log(`\n${bench.name}\n${bench.method}`);
  try {
    print(await bench.run());
  } catch (error) {
    failed += 1;
    console.log(`  failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
process.exit(failed === 0 ? 0 : 1);

function print(rows: BenchRow[]): void {
  const table = [
    ['measure', 'ours', 'peer or ceiling', 'ratio', 'goal'],
    ...rows.map((row) => [
      row.measure,
      row.ours,
      row.peer,
      row.ratio === null ? '–' : row.ratio.toFixed(2),
      row.goal,
    ]),
  ];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length))) ?? [];
  for (const line of table) console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`);
}
