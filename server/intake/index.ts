import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Database, Intake } from '../../core/ports.ts';
import type { Route } from '../http/index.ts';
import { intakeRoutes } from './routes.ts';
import { createIntakeService } from './service.ts';

/** What devices send by HTTP, and what could not be stored. */
export function createIntakeApi(options: {
  database: Database;
  intake: Intake;
  clock: Clock;
  audit: AuditTrail;
}): {
  routes: Route[];
} {
  return { routes: intakeRoutes(createIntakeService(options)) };
}
