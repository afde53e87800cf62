// `npm run bench`: every file of bench/ that measures something, each beside its peer or ceiling in the same run.
import { ensureConsole, ensureDependencies, fail, handOver } from './setup.mjs';

try {
  await ensureDependencies();
  await ensureConsole();
  handOver('bench/main.ts', process.argv.slice(2));
} catch (error) {
  fail(error);
}
