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
import { createCredentials } from './credentials.ts';
import { lockIdle } from './idle-accounts.ts';
import { createOwnAccount } from './own-account.ts';
import { createPasswords } from './passwords.ts';
import { type SignInSettings, signInPolicy } from './policy.ts';
import { accountRoutes } from './routes.ts';
import { meRoutes } from './routes-me.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { createUsers, type Users } from './service.ts';
import { createSessions } from './sessions.ts';
import { createEnvelopes } from './sign-in/envelopes.ts';
import { createFacts } from './sign-in/facts.ts';
import { createLockouts } from './sign-in/lockouts.ts';
import { createPasskeys } from './sign-in/passkeys.ts';
import { createSecondFactors } from './sign-in/second-factors.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createTokens } from './tokens.ts';

export { SignInSettings } from './policy.ts';

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
  settings: SignInSettings;
  /** A demonstration asks for less where nothing is set. */
  demo: boolean;
  /** Shown by authenticator apps and browsers beside the account. */
  centreName: string;
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
  const {
    database,
    bus,
    clock,
    logger,
    secrets,
    areas,
    agencies,
    roles,
    dataDir,
    adminPassword,
    centreName,
  } = options;
  const world = { areas, agencies, roles };
  const policy = signInPolicy(options.settings, options);
  const passwords = await createPasswords();
  const first = { database, clock, logger, passwords, dataDir, adminPassword, policy };
  const firstPasswordFile = await makeFirstUser(first);
  const tokens = await createTokens({ secrets, clock, keyDays: policy.signingKeyDays });
  const envelopes = await createEnvelopes({ secrets, clock });
  const callers = createCallers({ database, bus, clock, world, logger, policy });
  const sessions = createSessions({ database, bus, clock, tokens, callers, policy });
  const lockouts = createLockouts({ database, clock, policy });
  const passkeys = createPasskeys({ database, clock, logger, envelopes, centreName });
  const factors = createSecondFactors({ database, clock, secrets, envelopes, centreName });
  const credentials = createCredentials({ database, passwords, policy });
  const facts = createFacts(logger);
  const door = {
    database,
    bus,
    clock,
    policy,
    passwords,
    sessions,
    envelopes,
    lockouts,
    factors,
    passkeys,
    facts,
  };
  const signIn = createSignIn(door);
  const account = createOwnAccount({ ...door, credentials, signIn });
  const users = createUsers({ ...door, world, credentials });

  let cancel = () => {};
  const tidy = () => {
    const tidyUp = async () => {
      await sessions.forgetOldTokens();
      await lockouts.forgetOld();
      await envelopes.forgetOld(database);
      await tokens.rotateWhenDue();
      await lockIdle({ ...door, logger });
    };
    tidyUp().catch((error) => logger.warn({ err: String(error) }, 'accounts could not be tidied up'));
    cancel = clock.after(TIDY_MS, tidy);
  };
  cancel = clock.after(TIDY_MS, tidy);

  return {
    routes: [
      ...signInRoutes({ sessions, signIn, policy, oidcLabel: null }),
      ...meRoutes({ ...door, account }),
      ...accountRoutes({ users, roles }),
    ],
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
