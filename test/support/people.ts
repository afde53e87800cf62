import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { GrantInput } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import type { Bus, Database, SecretStore } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import { type Accounts, createAccounts, SignInSettings } from '../../server/accounts/index.ts';
import { type Agencies, createAgencies } from '../../server/agencies/index.ts';
import { type Areas, createAreas } from '../../server/areas/index.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import { createSecretStore } from '../../server/secrets/index.ts';
import { testLogger } from './logger.ts';
import { ROLE_BOOK } from './roles.ts';
import { testTrail } from './trail.ts';

export const ADMIN_PASSWORD = 'Sóng-Hậu.giang-27';
export const PERSON_PASSWORD = 'Thuyền-nhỏ.ra-khơi-8';

/** Name and password, and nothing before the first act: for suites that are about something else. */
export const PLAIN_SIGN_IN = {
  acceptTerms: 'false',
  secondFactorRoles: 'none',
  changeIssuedPasswords: 'false',
  lockMinutes: 0,
  lockMinutesAdmin: 0,
};

const TEST_TERMS = {
  version: '1',
  vi: { title: 'Cam kết', points: ['Tài khoản là của riêng tôi.'] },
  en: { title: 'Terms', points: ['The account is mine alone.'] },
};

export interface People {
  accounts: Accounts;
  areas: Areas;
  agencies: Agencies;
  bus: Bus;
  secrets: SecretStore;
  dataDir: string;
  close(): void;
}

/** Accounts, areas and agencies on a database, as the product wires them. */
export async function createPeople(
  database: Database,
  clock: Clock,
  bodies: ProvinceProfile['bodies'] = [],
  settings: Record<string, unknown> = PLAIN_SIGN_IN,
): Promise<People> {
  const logger = testLogger();
  const bus = createMemoryBus(logger);
  const dataDir = mkdtempSync(join(tmpdir(), 'haidang-people-'));
  const secrets = await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') });
  const audit = testTrail(database, clock);
  const areas = await createAreas({
    database,
    bus,
    clock,
    logger,
    audit: testTrail(database, clock),
    timezone: 'Asia/Ho_Chi_Minh',
  });
  const agencies = await createAgencies({ database, clock, logger, bodies });
  const accounts = await createAccounts({
    database,
    bus,
    clock,
    logger,
    secrets,
    audit,
    areas: areas.tree,
    agencies: agencies.directory,
    roles: ROLE_BOOK,
    lending: {
      delegationDays: 366,
      mutualAidHours: 72,
      breakGlassHours: 8,
    },
    dataDir,
    adminPassword: ADMIN_PASSWORD,
    settings: SignInSettings.parse(settings),
    reachable: true,
    terms: TEST_TERMS,
    centreName: 'IOC Thử',
  });
  return {
    accounts,
    areas,
    agencies,
    bus,
    secrets,
    dataDir,
    close() {
      accounts.close();
      areas.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** One account with one grant and the standard password; returns its id. */
export async function addPerson(
  accounts: Accounts,
  username: string,
  grant: z.input<typeof GrantInput>,
  agencyId?: string,
): Promise<string> {
  const user = await accounts.users.create({
    username,
    displayName: username,
    password: PERSON_PASSWORD,
    ...(agencyId === undefined ? {} : { agencyId }),
    grants: [GrantInput.parse(grant)],
  });
  return user.id;
}
