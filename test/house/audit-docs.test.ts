import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '../../core/audit-actions.ts';

const ROOT = join(import.meta.dirname, '../..');

it('docs/audit-actions.md lists every act and object of the trail (else: node tools/docs.ts)', () => {
  const text = readFileSync(join(ROOT, 'docs/audit-actions.md'), 'utf8');
  const documented = [...text.matchAll(/^\| `([a-z_.]+)` \| ([^|]+) \| ([^|]+) \|/gm)].map(
    ([, code, vi, en]) => `${code}: ${vi} / ${en}`,
  );
  const known = [...Object.entries(AUDIT_ACTIONS), ...Object.entries(AUDIT_OBJECTS)];
  expect(documented).toEqual(known.map(([code, { vi, en }]) => `${code}: ${vi} / ${en}`));
});
