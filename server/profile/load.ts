import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { Terms } from '../../core/api/sign-in.ts';
import { AppError } from '../../core/errors.ts';
import { PersonalDataFile, type PersonalDataKind } from '../../core/personal-data.ts';
import { ProvinceProfile } from '../../core/profile.ts';
import { type RoleBook, RolesFile, roleBookOf } from '../../core/roles.ts';

/**
 * Reads `<dir>/<name>.yaml`.
 * @throws AppError `config.invalid`, with one line per problem: where in the file, and what is wrong there.
 */
export async function loadProfile(dir: string, name: string): Promise<ProvinceProfile> {
  const file = join(dir, `${name}.yaml`);
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const names = (await readdir(dir).catch(() => [])).filter((f) => f.endsWith('.yaml'));
    const known = names.map((f) => f.slice(0, -'.yaml'.length)).sort();
    throw new AppError('config.invalid', {
      detail: `no province profile "${name}" in ${dir}; there are: ${known.join(', ') || 'none'}`,
    });
  });
  return parseYaml(ProvinceProfile, text, file, 'profile');
}

/**
 * Reads the roles, `config/roles.yaml`.
 * @throws AppError `config.invalid` as for the profile
 */
export async function loadRoles(file: string): Promise<RoleBook> {
  return roleBookOf(parseYaml(RolesFile, await readFile(file, 'utf8'), file, 'roles'));
}

/**
 * Reads the terms of security, `config/terms.yaml`.
 * @throws AppError `config.invalid` as for the profile
 */
export async function loadTerms(file: string): Promise<Terms> {
  return parseYaml(Terms, await readFile(file, 'utf8'), file, 'terms');
}

/**
 * Reads the register of personal data, `config/personal-data.yaml`.
 * @throws AppError `config.invalid` as for the profile
 */
export async function loadPersonalData(file: string): Promise<readonly PersonalDataKind[]> {
  return parseYaml(PersonalDataFile, await readFile(file, 'utf8'), file, 'kinds').kinds;
}

function parseYaml<S extends z.ZodType>(schema: S, text: string, file: string, root: string): z.output<S> {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new AppError('config.invalid', { detail: `${file}: ${error.message}` });
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join('.') || root}: ${issue.message}`);
  throw new AppError('config.invalid', { detail: `${file}: ${lines.join('; ')}` });
}
