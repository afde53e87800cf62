import { manualClock } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import { AccountRequestSettings, createAccountRequestsModule } from '../../server/account-requests/index.ts';
import { createTrail } from '../../server/audit/trail.ts';
import type { OpenDatabase } from '../../server/db/index.ts';
import { createHealth } from '../../server/system/index.ts';
import { type Answer, startApi, type TestApi } from './api.ts';
import { testLogger } from './logger.ts';
import { addPerson, createPeople, PERSON_PASSWORD } from './people.ts';
import { ROLE_BOOK } from './roles.ts';

/** Two scans that are what they say: the smallest PNG there is, and a PDF of one empty page. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
export const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

export const LETTER = {
  requesterKind: 'unit',
  requesterName: 'Trung tâm Y tế mẫu',
  documentNumber: '12/CV-TTYT',
  documentDate: '2026-11-20',
  reason: 'Bổ sung cán bộ trực',
};

/** Speaks to the routes of account requests with one token after another. */
function requestDesk(api: Pick<TestApi, 'call'>) {
  const must = (answer: Answer) => {
    if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const step = (token: string, id: number, name: string, body: unknown = {}): Promise<Answer> =>
    api.call('POST', `/account-requests/${id}/${name}`, { token, body });
  return {
    step,
    file: (token: string, body: unknown) => api.call('POST', '/account-requests', { token, body }),
    scan: (token: string, id: number, content: Uint8Array = PNG, name = 'cong-van.png') =>
      api.call('POST', `/account-requests/${id}/scans?name=${encodeURIComponent(name)}`, {
        token,
        body: content,
      }),
    /** Files, scans, checks and approves; answers with the id. */
    async approved(
      tokens: { asker: string; checker: string; decider: string },
      body: unknown,
    ): Promise<number> {
      const { id } = must(await api.call('POST', '/account-requests', { token: tokens.asker, body }));
      must(await this.scan(tokens.asker, id));
      must(await step(tokens.checker, id, 'check'));
      must(await step(tokens.decider, id, 'approve'));
      return id;
    },
    async carriedOut(tokens: { asker: string; checker: string; decider: string }, body: unknown) {
      const id = await this.approved(tokens, body);
      return must(await step(tokens.checker, id, 'execute'));
    },
  };
}

export const WHOLE = { agencies: 'all', areaIds: null, domains: null, maxClass: 'restricted' } as const;

/** A request for the account of somebody who works for an agency. */
export const worker = (username: string, agencyId = 'so-a') => ({
  ...LETTER,
  action: 'grant',
  username,
  displayName: `Cán bộ ${username}`,
  agencyId,
  grants: [{ role: 'viewer', agencies: 'self' }],
});

const BODIES = ['ubnd', 'so-a', 'so-b'].map((id) => ({
  id,
  nameVi: `Cơ quan ${id}`,
  nameEn: `Agency ${id}`,
  type: 'department' as const,
  ...(id === 'ubnd' ? {} : { parent: 'ubnd' }),
}));

export type Office = Awaited<ReturnType<typeof openOffice>>;

/**
 * Accounts and their requests on a database, as the product wires them, and people who take part: `head` and `headb`
 * lead an agency each, `clerk` checks and carries out, `chief` and `director` decide, `shift` locks, `boss` may all.
 */
export async function openOffice(database: OpenDatabase) {
  const steady = manualClock(Date.parse('2026-11-22T08:00:00+07:00'));
  let leaptMs = 0;
  const clock = { ...steady, now: () => steady.now() + leaptMs };
  const logger = testLogger();
  const health = createHealth(clock);
  const people = await createPeople(database, clock, BODIES);
  const ended: EventMap['user.revoked'][] = [];
  people.bus.on('test', 'user.revoked', (event) => ended.push(event));
  const module = createAccountRequestsModule({
    database,
    audit: createTrail({ database, clock, logger, health }),
    clock,
    logger,
    health,
    acts: people.accounts.acts,
    roles: ROLE_BOOK,
    agencies: people.agencies.directory,
    // Shorter than the time after which unused accounts are locked.
    settings: AccountRequestSettings.parse({ reviewDays: 30 }),
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  const api = await startApi([...people.accounts.routes, ...module.routes], people.accounts.sessions, {
    clock,
  });
  const ids: Record<string, string> = {};
  const tokens: Record<string, string> = {};
  const as = (name: string) => tokens[name] ?? '';
  const signIn = (username: string, password = PERSON_PASSWORD) =>
    api.call('POST', '/auth/login', { body: { username, password } });
  /** Access tokens last minutes, the tests move the clock by days. */
  const renew = async (...names: string[]) => {
    for (const name of names) tokens[name] = (await signIn(name)).body.accessToken;
  };
  const join = async (username: string, role: string, agencyId?: string) => {
    const limits = agencyId === undefined ? WHOLE : ({ agencies: 'self' } as const);
    ids[username] = await addPerson(people.accounts, username, { role, ...limits }, agencyId);
    await renew(username);
  };
  await join('head', 'agency_head', 'so-a');
  await join('headb', 'agency_head', 'so-b');
  await join('clerk', 'platform_admin');
  await join('chief', 'supervisor');
  await join('director', 'centre_director');
  await join('shift', 'shift_supervisor');
  await join('boss', 'admin');
  return {
    database,
    clock,
    steady,
    /** Over days at once, without living through every timer on the way. */
    leap(ms: number) {
      leaptMs += ms;
    },
    health,
    module,
    api,
    ids,
    as,
    signIn,
    renew,
    ended,
    desk: requestDesk(api),
    hands: () => ({ asker: as('head'), checker: as('clerk'), decider: as('chief') }),
    async close() {
      module.close();
      await api.close();
      people.close();
      await database.close();
    },
  };
}
