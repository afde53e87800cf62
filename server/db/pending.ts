import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Queryable } from '../../core/ports.ts';
import { MIGRATION_PARTS, MIGRATIONS_DIR } from './migrate.ts';

/** Migrations of this build that the database does not have, as `part/name`, in their order. */
export async function pendingMigrations(database: Queryable): Promise<string[]> {
  const pending: string[] = [];
  for (const part of MIGRATION_PARTS) {
    const table = `migrations_${part}`;
    const [there] = await database.query<{ exists: boolean }>({
      text: 'select to_regclass($1) is not null as exists',
      values: [table],
    });
    const rows = there?.exists
      ? await database.query<{ name: string }>({ text: `select name from ${table}`, values: [] })
      : [];
    const applied = new Set(rows.map((row) => row.name));
    const names = readdirSync(join(MIGRATIONS_DIR, part))
      .filter((file) => file.endsWith('.sql'))
      .map((file) => file.slice(0, -'.sql'.length))
      .sort();
    pending.push(...names.filter((name) => !applied.has(name)).map((name) => `${part}/${name}`));
  }
  return pending;
}
