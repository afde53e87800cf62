export { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from './embedded.ts';
export { sqlState, toAppError, violatedConstraint } from './errors.ts';
export { type MigrationPart, migrate, migrationsHash } from './migrate.ts';
export { pendingMigrations } from './pending.ts';
export { openPool, type PoolOptions } from './pool.ts';
export { scopeCondition } from './scope.ts';
export type { DatabaseCapabilities, OpenDatabase, PooledClient } from './types.ts';
