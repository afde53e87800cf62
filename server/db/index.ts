export { type EmbeddedDatabase, openEmbedded } from './embedded.ts';
export { violatedConstraint } from './errors.ts';
export { migrate, migrationsHash } from './migrate.ts';
export { pendingMigrations } from './pending.ts';
export { openPool } from './pool.ts';
export { type ScopeColumns, scopeCondition } from './scope.ts';
export { createSeenIds, scopeKey } from './seen.ts';
export type { OpenDatabase, PooledClient } from './types.ts';
export { prepareSecondWall } from './wall-role.ts';
