import { PERMISSIONS } from '../core/permissions.ts';
import type { RoleBook } from '../core/roles.ts';

/** The roles as a table of Markdown, for `docs/access.md`. */
export function rolesTable(roles: RoleBook): string {
  const rows = [...roles.values()].map(({ id, nameVi, nameEn, permissions }) => {
    const list = PERMISSIONS.filter((permission) => permissions.has(permission));
    const all = list.length === PERMISSIONS.length;
    return `| \`${id}\` | ${nameVi} | ${nameEn} | ${all ? 'everything' : list.map((name) => `\`${name}\``).join(' ')} |`;
  });
  return ['| role | tiếng Việt | English | may |', '|---|---|---|---|', ...rows].join('\n');
}
