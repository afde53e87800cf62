import type { Clock } from '../../core/clock.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  Bus,
  Database,
  Logger,
  SecretStore,
  Sessions,
} from '../../core/ports.ts';
import type { RoleBook } from '../../core/roles.ts';
import type { Route } from '../http/index.ts';
import { makeFirstUser } from './bootstrap.ts';
import { createCallers } from './callers.ts';
import { createPasswords } from './passwords.ts';
import { accountRoutes } from './routes.ts';
import { createUsers, type Users } from './service.ts';
import { createSessions } from './sessions.ts';
import { createLoginThrottle } from './throttle.ts';
import { createTokens } from './tokens.ts';

const TIDY_MS = 3600_000;

export interface AccountsOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  secrets: SecretStore;
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  roles: RoleBook;
  /** Where `first-password` is written. */
  dataDir: string;
  adminPassword: string | undefined;
}

export interface Accounts {
  routes: Route[];
  sessions: Sessions;
  /** For the command line and the demo; without a caller nobody's grants limit it. */
  users: Users;
  /** Path of the file with the generated password, when this was the first start. */
  firstPasswordFile: string | undefined;
  rotateSigningKey(): Promise<void>;
  close(): void;
}

/** Sign-in and accounts. Throws `config.invalid` when the configured first password is weak. */
export async function createAccounts(options: AccountsOptions): Promise<Accounts> {
  const { database, bus, clock, logger, secrets, areas, agencies, roles, dataDir, adminPassword } = options;
  const world = { areas, agencies, roles };
  const passwords = await createPasswords();
  const firstPasswordFile = await makeFirstUser({
    database,
    clock,
    logger,
    passwords,
    dataDir,
    adminPassword,
  });
  const tokens = await createTokens({ secrets, clock });
  const callers = createCallers({ database, bus, clock, world, logger });
  const throttle = createLoginThrottle(clock);
  const sessions = createSessions({ database, bus, clock, tokens, passwords, throttle, callers });
  const users = createUsers({ database, bus, clock, world, passwords, sessions });

  let cancel = () => {};
  const tidy = () => {
    sessions
      .forgetOldTokens()
      .catch((error) => logger.warn({ err: String(error) }, 'old refresh tokens not removed'));
    cancel = clock.after(TIDY_MS, tidy);
  };
  cancel = clock.after(TIDY_MS, tidy);

  return {
    routes: accountRoutes({ sessions, users, roles }),
    sessions: { authenticate: sessions.authenticate, current: sessions.current },
    users,
    firstPasswordFile,
    rotateSigningKey: () => tokens.rotate(),
    close() {
      cancel();
      callers.close();
    },
  };
}
