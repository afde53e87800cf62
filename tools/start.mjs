// `npm start`: all set-up that is missing, then the product in the default profile with the demo province alive.
import { ensureConsole, ensureDependencies, ensureFfmpeg, fail, handOver } from './setup.mjs';

try {
  await Promise.all([ensureDependencies().then(ensureConsole), ensureFfmpeg()]);
  handOver('server/main.ts', ['start', ...process.argv.slice(2)], { HAIDANG_DEMO: 'true', ...process.env });
} catch (error) {
  fail(error);
}
