import type { Clock } from '../../core/clock.ts';
import type { Database } from '../../core/ports.ts';
import { createTrail, type Trail } from '../../server/audit/trail.ts';
import { testLogger } from './logger.ts';

/** The trail as services are given it, on the database of the test; nothing anchors it. */
export function testTrail(database: Database, clock: Clock): Trail {
  return createTrail({ database, clock, logger: testLogger() });
}
