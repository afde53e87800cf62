/** Writes the generated references: `node tools/docs.ts`. Tests fail when they are out of date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERRORS } from '../core/errors.ts';
import { defaultYaml } from '../server/boot/config.ts';

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

writeFileSync(join(ROOT, 'docs/errors.md'), errors.join('\n'));
writeFileSync(join(ROOT, 'config/default.yaml'), defaultYaml());
