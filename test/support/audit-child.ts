/**
 * Writes acts, many at once, until it is killed; each committed one is a line on standard output.
 * Arguments: `postgres <url>` or `embedded <folder>`, how many write at once, and the archive of a migrated embedded database.
 */
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { createTrail } from '../../server/audit/trail.ts';
import { openEmbedded, openPool } from '../../server/db/index.ts';
import { act } from './audit.ts';
import { testLogger } from './logger.ts';

const [kind = '', place = '', writers = '1', archive] = process.argv.slice(2);
const logger = testLogger();
const database =
  kind === 'postgres'
    ? await openPool({
        connection: { connectionString: place },
        max: Number(writers),
        kind: 'postgres',
        logger,
      })
    : await openEmbedded({
        dataDir: join(place, 'database'),
        socketDir: join(place, 'run'),
        loadFrom: archive,
        logger,
      });
const trail = createTrail({ database, clock: systemClock, logger });
const chains = [null, 'so-a', 'so-b'];
let number = 0;

async function write(): Promise<never> {
  for (;;) {
    const n = ++number;
    const agencyId = chains[n % chains.length] ?? null;
    await database.transaction((tx) =>
      trail.record(tx, act(n, { by: { userId: 'u1', username: 'lan', agencyId } })),
    );
    process.stdout.write(`${process.pid}/${n}\n`);
  }
}
process.stdout.write('ready\n');
await Promise.all(Array.from({ length: Number(writers) }, write));
