import type { Database } from '../../core/ports.ts';

/** Where the rows live and what that database can do. */
export interface DatabaseCapabilities {
  kind: 'embedded' | 'postgres';
  serverVersion: string;
  postgis: boolean;
  timescaledb: boolean;
  /** Whether what a caller reads is read behind row-level security. */
  secondWall: boolean;
}

export interface OpenDatabase extends Database {
  capabilities: DatabaseCapabilities;
  /**
   * A client of its own for COPY and other protocol-level work. On the embedded database it is the only session,
   * so it must go back quickly.
   */
  acquire(): Promise<PooledClient>;
  close(): Promise<void>;
}

/** The part of `pg.PoolClient` that callers may use. */
export interface PooledClient {
  query: import('pg').PoolClient['query'];
  release(error?: Error | boolean): void;
}
