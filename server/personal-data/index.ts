/** Personal data: the register of what is kept, looking up and erasing a person, and letting the rest expire. */
import type { Clock } from '../../core/clock.ts';
import type { PersonalDataKind } from '../../core/personal-data.ts';
import type { AuditTrail, Database, Logger } from '../../core/ports.ts';
import type { Route } from '../http/index.ts';
import { personalDataRoutes } from './routes.ts';
import { createPersonalData } from './service.ts';

const DAY_MS = 86_400_000;
/** After the start, when everything else has had its turn. */
const FIRST_RUN_MS = 15 * 60_000;

export interface PersonalDataModule {
  routes: Route[];
  start(): void;
  stop(): void;
}

export function createPersonalDataModule(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  audit: AuditTrail;
  kinds: readonly PersonalDataKind[];
  mediaDir: string;
}): PersonalDataModule {
  const { clock, logger, kinds } = options;
  const service = createPersonalData(options);
  let cancel = () => {};
  const run = () => {
    service
      .expire()
      .catch((error) => logger.error({ err: String(error) }, 'expired personal data could not be removed'));
    cancel = clock.after(DAY_MS, run);
  };
  return {
    routes: personalDataRoutes(service, kinds),
    start() {
      cancel = clock.after(FIRST_RUN_MS, run);
    },
    stop: () => cancel(),
  };
}
