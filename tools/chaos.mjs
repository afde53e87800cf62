// `npm run chaos -- --minutes N [--seed S]`: faults at random under load, and a ledger that knows what must be there.
import { ensureConsole, ensureDependencies, fail, handOver } from './setup.mjs';

try {
  await ensureDependencies();
  await ensureConsole();
  handOver('test/ledger/chaos.ts', process.argv.slice(2));
} catch (error) {
  fail(error);
}
