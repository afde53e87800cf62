#!/usr/bin/env node
// `npx haidang <verb>`: the command line. Runs on any Node; the product's own Node does the work.
import { ensureConsole, ensureDependencies, fail, handOver } from './setup.mjs';

try {
  await ensureDependencies();
  if (['start', 'demo'].includes(process.argv[2] ?? '')) await ensureConsole();
  handOver('server/main.ts', process.argv.slice(2));
} catch (error) {
  fail(error);
}
