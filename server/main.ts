import { runCommandLine } from './boot/cli/index.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
