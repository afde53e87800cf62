import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { DataClass, Grant } from '../../core/permissions.ts';
import { type RoleBook, RolesFile, roleBookOf } from '../../core/roles.ts';

/** The roles of the product, as it reads them. */
export const ROLE_BOOK: RoleBook = roleBookOf(
  RolesFile.parse(
    parse(readFileSync(fileURLToPath(new URL('../../config/roles.yaml', import.meta.url)), 'utf8')),
  ),
);

export interface Limits {
  areas?: Iterable<string> | 'all' | undefined;
  domains?: Iterable<string> | 'all' | undefined;
  agencies?: Iterable<string> | 'all' | undefined;
  parties?: Iterable<string>;
  maxClass?: DataClass;
}

/** A grant of one of the product's roles; without limits it reaches everything. */
export function grantWith(role: string, limits: Limits = {}): Grant {
  const known = ROLE_BOOK.get(role);
  if (!known) throw new Error(`no role ${role}`);
  const set = (ids: Iterable<string> | 'all' = 'all') => (typeof ids === 'string' ? 'all' : new Set(ids));
  const agencies = set(limits.agencies);
  return {
    id: 1,
    role,
    permissions: known.permissions,
    agencies,
    parties: new Set(limits.parties ?? (agencies === 'all' ? [] : agencies)),
    areas: set(limits.areas),
    domains: set(limits.domains),
    maxClass: limits.maxClass ?? 'restricted',
    delegatedFrom: null,
    acting: false,
  };
}
