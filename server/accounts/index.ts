import type { Terms } from '../../core/api/sign-in.ts';
import type { Clock } from '../../core/clock.ts';
import type { Caller } from '../../core/permissions.ts';
import type {
  AgencyDirectory,
  AreaDirectory,
  AuditTrail,
  Bus,
  Database,
  Logger,
  SecretStore,
  Sessions,
} from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import type { RoleBook } from '../../core/roles.ts';
import type { Route } from '../http/index.ts';
import { type AccountActs, createActs } from './acts.ts';
import { createApiKeys } from './api-keys.ts';
import { makeFirstUser } from './bootstrap.ts';
import { createCallers } from './callers.ts';
import { createCredentials } from './credentials.ts';
import { grantOf } from './grants.ts';
import { lockIdle } from './idle-accounts.ts';
import { lendingRoutes } from './lending/routes.ts';
import { createLending } from './lending/service.ts';
import { createOwnAccount } from './own-account.ts';
import { createPasswords } from './passwords.ts';
import { type SignInSettings, signInPolicy } from './policy.ts';
import { accountRoutes } from './routes.ts';
import { keyRoutes } from './routes-keys.ts';
import { meRoutes } from './routes-me.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { createUsers, type Users } from './service.ts';
import { createSessions } from './sessions.ts';
import { createEnvelopes } from './sign-in/envelopes.ts';
import { createFacts } from './sign-in/facts.ts';
import { createLockouts } from './sign-in/lockouts.ts';
import { createOidc } from './sign-in/oidc.ts';
import { createPasskeys } from './sign-in/passkeys.ts';
import { createSecondFactors } from './sign-in/second-factors.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { grantsOf, userById } from './sql.ts';
import { isAdministrator } from './standing.ts';
import { createTokens } from './tokens.ts';

export type { AccountActs, Announce, FirstPassword, Standing } from './acts.ts';
export { withEmergencyNotes } from './lending/emergency.ts';
export { SignInSettings } from './policy.ts';

const TIDY_MS = 3600_000;

export interface AccountsOptions {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  secrets: SecretStore;
  audit: AuditTrail;
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  roles: RoleBook;
  /** How long powers may be lent. */
  lending: ProvinceProfile['access'];
  /** Where `first-password` is written. */
  dataDir: string;
  adminPassword: string | undefined;
  settings: SignInSettings;
  /** Whether others than this machine reach the centre; if not, less is asked for where nothing is set. */
  reachable: boolean;
  terms: Terms;
  /** Shown by authenticator apps and browsers beside the account. */
  centreName: string;
}

export interface Accounts {
  routes: Route[];
  sessions: Sessions;
  /** For the command line and the demo; without a caller nobody's grants limit it. */
  users: Users;
  /** An account within the caller's reach as it would be signed in; else throws `request.not_found`. */
  behold(userId: string, caller: Caller): Promise<{ caller: Caller; active: boolean }>;
  /** Account acts for requests to carry out in their own transactions. */
  acts: AccountActs;
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
    audit,
    areas,
    agencies,
    roles,
    dataDir,
    adminPassword,
    centreName,
    terms,
  } = options;
  const world = { areas, agencies, roles };
  const policy = signInPolicy(options.settings, {
    reachable: options.reachable,
    termsVersion: terms.version,
  });
  const passwords = await createPasswords();
  const first = { database, clock, logger, passwords, dataDir, adminPassword, policy };
  const firstPasswordFile = await makeFirstUser(first);
  const tokens = await createTokens({ secrets, clock, keyDays: policy.signingKeyDays });
  const envelopes = await createEnvelopes({ secrets, clock });
  const callers = createCallers({ database, bus, clock, world, logger, policy });
  const apiKeys = createApiKeys({ database, bus, clock, logger, callers, audit, users: () => users });
  const sessions = createSessions({ database, bus, clock, tokens, callers, policy, audit, apiKeys });
  const lockouts = createLockouts({ database, clock, policy });
  const passkeys = createPasskeys({ database, clock, logger, envelopes, centreName });
  const factors = createSecondFactors({ database, clock, secrets, envelopes, centreName });
  const credentials = createCredentials({ database, passwords, policy });
  const facts = createFacts(logger, audit);
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
    audit,
  };
  const signIn = createSignIn(door);
  const oidc = createOidc({
    ...door,
    logger,
    isAdministrator: async (userId) => {
      const [user, rows] = await Promise.all([userById(database, userId), grantsOf(database, [userId])]);
      // Also by grants that have not begun: the link outlives the day.
      return isAdministrator(rows.flatMap((row) => grantOf(row, user?.agency_id ?? null, world) ?? []));
    },
  });
  const account = createOwnAccount({ ...door, credentials, signIn, terms });
  const users = createUsers({ ...door, world, credentials });
  const lending = createLending({
    ...door,
    audit,
    world,
    settings: options.lending,
    mustManage: (userId, caller) => users.manageable(userId, caller),
  });

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
      ...signInRoutes({ sessions, signIn, policy, oidc, terms }),
      ...meRoutes({ ...door, account }),
      ...accountRoutes({ users, roles }),
      ...keyRoutes({ apiKeys, users }),
      ...lendingRoutes(lending),
    ],
    sessions: { authenticate: sessions.authenticate, current: sessions.current },
    users,
    async behold(userId, caller) {
      const { user } = await users.manageable(userId, caller, 'users.read');
      return { caller: await callers.ofPerson(user), active: user.status === 'active' };
    },
    acts: createActs({ bus, clock, world, credentials, lockouts }),
    firstPasswordFile,
    rotateSigningKey: () => tokens.rotate(),
    close() {
      cancel();
      callers.close();
    },
  };
}
