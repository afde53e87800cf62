import { runCommandLine } from './boot/cli/main.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
