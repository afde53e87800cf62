/** Accounts on written request: requests with their steps, the register, the yearly review. */
import type { Clock } from '../../core/clock.ts';
import type { AgencyDirectory, AuditTrail, Database, Health, Logger } from '../../core/ports.ts';
import type { RoleBook } from '../../core/roles.ts';
import type { AccountActs } from '../accounts/index.ts';
import type { Route } from '../http/index.ts';
import { createRegister } from './register.ts';
import { createReviews } from './review.ts';
import { accountRequestRoutes } from './routes.ts';
import { createAccountRequests } from './service.ts';
import type { AccountRequestSettings } from './settings.ts';
import { createDocumentWatch } from './watch.ts';

export { AccountRequestSettings } from './settings.ts';

export interface AccountRequestsModule {
  routes: Route[];
  /** Begins to look for documents that are late. */
  start(): void;
  close(): void;
}

export function createAccountRequestsModule(options: {
  database: Database;
  audit: AuditTrail;
  clock: Clock;
  logger: Logger;
  health: Health;
  acts: AccountActs;
  roles: RoleBook;
  agencies: AgencyDirectory;
  settings: AccountRequestSettings;
  timeZone: string;
}): AccountRequestsModule {
  const requests = createAccountRequests(options);
  const reviews = createReviews({ ...options, requests });
  const register = createRegister({ ...options, judge: requests.judge });
  const watch = createDocumentWatch(options);
  return {
    routes: accountRequestRoutes({ ...options, requests, reviews, register }),
    start: watch.start,
    close: watch.close,
  };
}
