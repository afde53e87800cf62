/** Writes the generated references: `node tools/docs.ts`. Tests fail when they are out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '../core/audit-actions.ts';
import { ERRORS } from '../core/errors.ts';
import { RolesFile, roleBookOf } from '../core/roles.ts';
import { defaultYaml } from '../server/boot/config.ts';
import { Asvs, asvsTable } from './asvs-table.ts';
import { rolesTable } from './roles-table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const errors = [
  '# Errors',
  '',
  'Every refusal carries one of these codes: in `application/problem+json` (RFC 9457) over HTTP, in quarantine rows, in logs.',
  'A retryable error may succeed later without a change to the request.',
  '',
  '| code | status | retryable | tiếng Việt | English |',
  '|---|---|---|---|---|',
  ...Object.entries(ERRORS).map(
    ([code, kind]) =>
      `| \`${code}\` | ${kind.status} | ${kind.retryable ? 'yes' : 'no'} | ${kind.vi} | ${kind.en} |`,
  ),
  '',
];

const KEPT = { change: 'the fields that differ', facts: 'what was done', nothing: 'that it happened' };
const actions = [
  '# Acts of the audit trail',
  '',
  'What the trail can hold, with its words and what is kept of it. How it is kept: [audit.md](audit.md).',
  '',
  '| code | tiếng Việt | English | keeps |',
  '|---|---|---|---|',
  ...Object.entries(AUDIT_ACTIONS).map(
    ([code, kind]) => `| \`${code}\` | ${kind.vi} | ${kind.en} | ${KEPT[kind.keeps]} |`,
  ),
  '',
  'An act is about one of these:',
  '',
  '| code | tiếng Việt | English |',
  '|---|---|---|',
  ...Object.entries(AUDIT_OBJECTS).map(([code, { vi, en }]) => `| \`${code}\` | ${vi} | ${en} |`),
  '',
];

writeFileSync(join(ROOT, 'docs/audit-actions.md'), actions.join('\n'));
writeFileSync(join(ROOT, 'docs/errors.md'), errors.join('\n'));
writeFileSync(join(ROOT, 'config/default.yaml'), defaultYaml());

const roles = roleBookOf(RolesFile.parse(parse(readFileSync(join(ROOT, 'config/roles.yaml'), 'utf8'))));
/** Puts a table between the marks `<!-- name -->` and `<!-- /name -->` of a page. */
function fill(page: string, name: string, table: string): void {
  const file = join(ROOT, page);
  const marked = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      marked,
      (_, open: string, close: string) => `${open}${table}\n${close}`,
    ),
  );
}
fill('docs/access.md', 'roles', rolesTable(roles));
const asvs = Asvs.parse(parse(readFileSync(join(ROOT, 'docs/asvs.yaml'), 'utf8')));
fill('docs/security.md', 'asvs', asvsTable(asvs));
