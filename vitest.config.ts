import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,server,ingest,gis,streams,devices,web,test,tools}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'web/dist/**'],
    // Real databases, brokers and browsers start inside tests; a loaded two-core machine needs the room.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    // Holds after every file that nothing has reached the prototype of everything.
    setupFiles: ['test/support/prototypes.ts'],
    pool: 'forks',
    maxWorkers: 2,
  },
});
