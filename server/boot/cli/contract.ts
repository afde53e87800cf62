import type { ParseArgsOptionsConfig } from 'node:util';

export interface VerbInput {
  positionals: string[];
  values: Record<string, string | boolean | string[] | undefined>;
}

/** One verb of `haidang`, one file in `verbs/`. The file's name with `-` as space is the verb: `areas-import.ts`. */
export interface Verb {
  /** One line for `haidang --help`. */
  summary: string;
  /** What follows the verb, for example `<geojson> [--valid-from <date>]`. */
  usage: string;
  options: ParseArgsOptionsConfig;
  positionals: { min: number; max: number };
  /** Resolves to the exit code: 0 done, 1 failed. Wrong usage is found before this is called. */
  run(input: VerbInput): Promise<number>;
}

/** The arguments do not fit: exit code 2 with the usage. */
export class UsageError extends Error {}

export const text = (value: VerbInput['values'][string]): string | undefined =>
  typeof value === 'string' ? value : undefined;
