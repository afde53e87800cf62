import type { AgencyDirectory } from '../../core/ports.ts';
import { fold } from '../../core/text.ts';
import type { AgencyRow } from './sql.ts';

/** The agencies in memory. They change with the profile only, so at a start. */
export function createAgencyTree(rows: readonly AgencyRow[]): AgencyDirectory {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const children = new Map<string, string[]>();
  const byName = new Map<string, string>();
  for (const row of rows) {
    if (row.parent_id !== null) children.set(row.parent_id, [...(children.get(row.parent_id) ?? []), row.id]);
    // Two bodies of one name are told apart by their ids only.
    if (!row.active) continue;
    for (const name of new Set([row.name_vi, row.name_en].map(fold)))
      byName.set(name, byName.has(name) ? '' : row.id);
  }
  return {
    has: (id) => byId.has(id),
    isActive: (id) => byId.get(id)?.active ?? false,
    nameOf(id) {
      const row = byId.get(id);
      return row ? { vi: row.name_vi, en: row.name_en } : null;
    },
    subtree(roots) {
      const found = new Set<string>();
      const open = [...roots].filter((id) => byId.has(id));
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (found.has(id)) continue;
        found.add(id);
        open.push(...(children.get(id) ?? []));
      }
      return found;
    },
    named(text) {
      const row = byId.get(text.trim());
      return row?.active ? row.id : byName.get(fold(text)) || undefined;
    },
  };
}
