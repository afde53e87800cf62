import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isAppError } from '../../../core/errors.ts';
import { UsageError, type Verb } from './contract.ts';

const VERBS = new URL('./verbs/', import.meta.url);
const verbs = readdirSync(VERBS)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();

const load = async (file: string): Promise<Verb> =>
  ((await import(new URL(`${file}.ts`, VERBS).href)) as { default: Verb }).default;

/** Runs one command line; resolves to the exit code (0 done, 1 failed, 2 wrong usage). */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const words = argv.filter((word) => !word.startsWith('-'));
  const file = [words.slice(0, 2).join('-'), words[0] ?? ''].find((name) => verbs.includes(name));
  if (file === undefined) {
    const asked = argv.includes('--help') || argv.includes('-h');
    if (!asked && words.length > 0) console.error(`haidang: unknown verb "${words.join(' ')}"`);
    await help();
    return asked ? 0 : 2;
  }
  const verb = await load(file);
  const name = file.replace('-', ' ');
  const usage = `usage: haidang ${name} ${verb.usage}`.trimEnd();
  try {
    const rest = dropWords([...argv], file.split('-').length);
    const { values, positionals } = parseArgs({
      args: rest,
      options: { ...verb.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
    if (values.help) {
      console.log(`${verb.summary}\n\n${usage}${describeOptions(verb)}`);
      return 0;
    }
    if (positionals.length < verb.positionals.min || positionals.length > verb.positionals.max)
      throw new UsageError(usage);
    return await verb.run({
      positionals,
      values: values as Record<string, string | boolean | string[] | undefined>,
    });
  } catch (error) {
    if (error instanceof UsageError || isParseArgsError(error)) {
      console.error(`haidang: ${error.message}`);
      if (!error.message.startsWith('usage:')) console.error(usage);
      return 2;
    }
    console.error(`haidang: ${isAppError(error) || error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function dropWords(args: string[], count: number): string[] {
  for (let dropped = 0; dropped < count; dropped++) {
    const index = args.findIndex((word) => !word.startsWith('-'));
    if (index >= 0) args.splice(index, 1);
  }
  return args;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function describeOptions(verb: Verb): string {
  const names = Object.entries(verb.options).map(
    ([name, option]) => `  --${name}${option.type === 'string' ? ' <value>' : ''}`,
  );
  return names.length === 0 ? '' : `\n\noptions:\n${names.join('\n')}`;
}

async function help(): Promise<void> {
  console.log('usage: haidang <verb> [options]\n');
  for (const file of verbs) {
    const verb = await load(file);
    console.log(`  ${file.replace('-', ' ').padEnd(16)} ${verb.summary}`);
  }
  console.log('\nhaidang <verb> --help shows the options of one verb.');
}
