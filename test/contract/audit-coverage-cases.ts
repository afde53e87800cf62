/**
 * How the audit coverage test performs every route that writes. A route that is not named here fails the test:
 * whoever adds one says how it is done, and the test looks for the entry it must leave (docs/audit.md).
 */
import { LETTER, PNG } from '../support/account-requests.ts';
import type { Answer, CallOptions } from '../support/call.ts';
import { PERSON_PASSWORD } from '../support/people.ts';
import { SAMPLE_AREAS } from '../support/sample-areas.ts';
import type { World } from './authorisation-cases.ts';

export interface Act {
  path: string;
  body?: unknown;
  raw?: string;
  /** Somebody else than the local operator does it. */
  token?: string;
  headers?: Record<string, string>;
  /** Status when it is no success that leaves the entry, for example a refused sign-in. */
  refused?: number;
}

export interface Performer {
  world: World;
  /** Calls as the local operator; throws when the answer is no success. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  ask(method: string, path: string, body?: unknown): Promise<any>;
  /** Signs in; the answer's access token and cookie. */
  signIn(username: string): Promise<{ token: string; cookie: string }>;
  call(method: string, path: string, options: CallOptions): Promise<Answer>;
  /** A new account, signed in, about to add an authenticator app. */
  withTotp(username: string): Promise<{ token: string; ticket: string; code: string }>;
}

type Perform = (stage: Performer) => Act | Promise<Act>;

const camera = { name: 'Máy quay', position: [110.5, 10.5], source: { kind: 'test-pattern', scene: 'road' } };
export const newAccount = (username: string) => ({
  username,
  displayName: username,
  password: PERSON_PASSWORD,
  grants: [{ role: 'viewer', areaIds: ['99001'] }],
});
const hold = { reason: 'điều tra', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
const KEY = { name: 'thử', days: 30 };
const service = async (stage: Performer, username: string): Promise<string> =>
  (
    await stage.ask('POST', '/users', {
      username,
      displayName: username,
      kind: 'service',
      grants: [{ role: 'viewer', areaIds: ['99001'] }],
    })
  ).id;
const rule = {
  kind: 'threshold',
  name: 'Mặn thử',
  domain: 'environment',
  severity: 'minor',
  params: { quantity: 'salinity', above: 9 },
};
/** A head of agency and what they need to lend powers to somebody. */
const lender = async (stage: Performer, username: string) => {
  const grants = [{ role: 'agency_head', areaIds: ['99001'] }];
  await stage.ask('POST', '/users', { ...newAccount(username), grants });
  await stage.ask('POST', '/users', newAccount(`${username}-2`));
  const { token } = await stage.signIn(username);
  const me = (await stage.call('GET', '/me', { token })).body;
  const validTo = new Date(Date.now() + 3600_000).toISOString();
  return { token, body: { grantId: me.grants[0].id, to: `${username}-2`, validTo, reason: 'đi công tác' } };
};
/** A request that somebody else filed, taken as far as the last of these steps. */
async function asked(stage: Performer, username: string, ...steps: string[]): Promise<number> {
  const asker = `${username}-hoi`;
  await stage.ask('POST', '/users', {
    ...newAccount(asker),
    grants: [{ role: 'admin', maxClass: 'restricted' }],
  });
  const { token } = await stage.signIn(asker);
  const { password: _password, ...account } = newAccount(username);
  const { body } = await stage.call('POST', '/account-requests', {
    token,
    body: { ...LETTER, action: 'grant', ...account },
  });
  await stage.call('POST', `/account-requests/${body.id}/scans`, { token, body: PNG });
  for (const step of steps) await stage.ask('POST', `/account-requests/${body.id}/${step}`, { note: 'thử' });
  return body.id;
}
const grantOf = async (stage: Performer, username: string): Promise<number> => {
  await stage.ask('POST', '/users', newAccount(username));
  const { items } = await stage.ask('GET', '/access-review?due=false');
  return items.find((one: { username: string }) => one.username === username).grant.id;
};
const requestStep =
  (name: string, username: string, before: string[], body: unknown = { note: 'thử' }): Perform =>
  async (stage) => ({ path: `/account-requests/${await asked(stage, username, ...before)}/${name}`, body });

/** Routes that write, and how each is performed. The entry must be there when the answer is. */
export const PERFORMED: Record<string, Perform> = {
  'POST /areas': () => ({ path: '/areas', body: SAMPLE_AREAS }),
  'POST /devices': () => ({
    path: '/devices',
    body: { name: 'Trạm mới', type: 'salinity', position: [110.5, 10.5] },
  }),
  'POST /devices/import': () => ({
    path: '/devices/import',
    raw: 'id,name,type,lon,lat\nfrom-table,Trạm bảng,salinity,110.5,10.5',
  }),
  'PATCH /devices/{id}': () => ({ path: '/devices/west-device', body: { name: 'Trạm đổi tên' } }),
  'POST /devices/{id}/credential': () => ({ path: '/devices/west-device/credential' }),
  'POST /devices/{id}/certificates': () => ({
    path: '/devices/west-device/certificates',
    body: { subject: 'CN=west-device' },
  }),
  'DELETE /devices/{id}/certificates/{certificate}': async (stage) => {
    const path = '/devices/west-device/certificates';
    const { id } = await stage.ask('POST', path, { fingerprint: 'ab'.repeat(32) });
    return { path: `${path}/${id}` };
  },
  'POST /cameras': () => ({ path: '/cameras', body: camera }),
  'PATCH /cameras/{id}': () => ({ path: '/cameras/west-camera', body: { name: 'Máy quay đổi tên' } }),
  'POST /cameras/{id}/play': () => ({ path: '/cameras/west-camera/play' }),
  'POST /rules': () => ({ path: '/rules', body: rule }),
  'PATCH /rules/{id}': () => ({ path: '/rules/whole', body: { severity: 'critical' } }),
  'POST /rules/{id}/activate': () => ({ path: '/rules/whole/activate' }),
  'POST /rules/{id}/backtest': () => ({
    path: '/rules/whole/backtest',
    body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  }),
  'POST /rules/{id}/shadow': async (stage) => {
    const { id } = await stage.ask('POST', '/rules', { ...rule, name: 'Mặn thầm lặng' });
    return { path: `/rules/${id}/shadow` };
  },
  'POST /alerts/{id}/comment': ({ world }) => ({
    path: `/alerts/${world.alert.west}/comment`,
    body: { text: 'đã gọi' },
  }),
  'POST /alerts/{id}/acknowledge': ({ world }) => ({
    path: `/alerts/${world.alert.west}/acknowledge`,
    body: {},
  }),
  'POST /alerts/{id}/shelve': ({ world }) => ({
    path: `/alerts/${world.alert.west}/shelve`,
    body: { reason: 'thay cảm biến', minutes: 5 },
  }),
  'POST /alerts/{id}/unshelve': ({ world }) => ({ path: `/alerts/${world.alert.west}/unshelve` }),
  'POST /alerts/{id}/resolve': ({ world }) => ({
    path: `/alerts/${world.alert.area}/resolve`,
    body: { text: 'đã xử lý' },
  }),
  'POST /units': () => ({
    path: '/units',
    body: { id: 'free-unit', name: 'Tổ mới', callSign: 'M1', kind: 'ambulance', areaId: '99001' },
  }),
  'PATCH /units/{id}/status': async (stage) => {
    await stage.ask('POST', '/units', {
      name: 'Tổ nghỉ',
      callSign: 'N1',
      kind: 'ambulance',
      areaId: '99001',
    });
    return { path: '/units/n1/status', body: { status: 'out_of_service', reason: 'bảo dưỡng' } };
  },
  'POST /dispatches': async (stage) => {
    await stage.ask('POST', '/units', { name: 'Tổ đi', callSign: 'D1', kind: 'ambulance', areaId: '99001' });
    return { path: '/dispatches', body: { alertId: stage.world.alert.west, unitId: 'd1' } };
  },
  'PATCH /dispatches/{id}': async (stage) => {
    await stage.ask('POST', '/units', {
      name: 'Tổ nhận',
      callSign: 'A1',
      kind: 'ambulance',
      areaId: '99001',
    });
    const { id } = await stage.ask('POST', '/dispatches', { alertId: stage.world.alert.west, unitId: 'a1' });
    return { path: `/dispatches/${id}`, body: { state: 'accepted' } };
  },
  'POST /quarantine/replay': async (stage) => {
    const [held] = (await stage.ask('GET', '/quarantine?device=west-device')).items;
    return { path: '/quarantine/replay', body: { ids: [held.id] } };
  },
  'POST /quarantine/{id}/replay': async (stage) => {
    const items: { id: number; payload: string | null }[] = (
      await stage.ask('GET', '/quarantine?device=west-device')
    ).items;
    return { path: `/quarantine/${items.find(({ payload }) => payload !== null)?.id}/replay` };
  },
  'POST /personal-data/lookups': () => ({
    path: '/personal-data/lookups',
    body: { q: 'west', reason: 'thanh tra' },
  }),
  'POST /personal-data/subjects/{id}/report': ({ world }) => ({
    path: `/personal-data/subjects/${world.user.west}/report`,
    body: { reason: 'thanh tra' },
  }),
  'POST /personal-data/subjects/{id}/erasure': async (stage) => {
    const { id } = await stage.ask('POST', '/users', newAccount('xoa'));
    await stage.ask('PATCH', `/users/${id}`, { status: 'locked' });
    return { path: `/personal-data/subjects/${id}/erasure`, body: { reason: 'theo đơn' } };
  },
  'POST /account-requests': () => {
    const { password: _password, ...account } = newAccount('xin');
    return { path: '/account-requests', body: { ...LETTER, action: 'grant', ...account } };
  },
  'POST /account-requests/{id}/scans': async (stage) => ({
    path: `/account-requests/${await asked(stage, 'chup')}/scans`,
    body: PNG,
  }),
  'POST /account-requests/{id}/check': requestStep('check', 'kiem', []),
  'POST /account-requests/{id}/return': requestStep('return', 'tra', []),
  'POST /account-requests/{id}/resubmit': async (stage) => {
    const { password: _password, ...account } = newAccount('lai-xin');
    const { id } = await stage.ask('POST', '/account-requests', { ...LETTER, action: 'grant', ...account });
    await stage.ask('POST', `/account-requests/${id}/return`, { note: 'thiếu' });
    return { path: `/account-requests/${id}/resubmit`, body: {} };
  },
  'POST /account-requests/{id}/approve': requestStep('approve', 'duyet', ['check']),
  'POST /account-requests/{id}/refuse': requestStep('refuse', 'khong', ['check']),
  'POST /account-requests/{id}/execute': requestStep('execute', 'lam', ['check', 'approve']),
  'POST /account-requests/{id}/confirm': requestStep('confirm', 'bao', ['check', 'approve', 'execute']),
  'POST /account-requests/{id}/withdraw': async (stage) => {
    const { password: _password, ...account } = newAccount('rut');
    const { id } = await stage.ask('POST', '/account-requests', { ...LETTER, action: 'grant', ...account });
    return { path: `/account-requests/${id}/withdraw`, body: { note: 'thôi' } };
  },
  'POST /users/{id}/emergency-lock': async (stage) => {
    const { id } = await stage.ask('POST', '/users', newAccount('khoa-gap'));
    return { path: `/users/${id}/emergency-lock`, body: { reason: 'nghi lộ mật khẩu' } };
  },
  'POST /account-requests/{id}/document': async (stage) => {
    const made = await stage.ask('POST', '/users', newAccount('bo-sung'));
    const { id } = await stage.ask('POST', `/users/${made.id}/emergency-lock`, { reason: 'thử' });
    await stage.ask('POST', `/account-requests/${id}/scans`, PNG);
    const { reason: _reason, ...document } = LETTER;
    return { path: `/account-requests/${id}/document`, body: document };
  },
  'POST /access-review/{id}/confirm': async (stage) => ({
    path: `/access-review/${await grantOf(stage, 'ra-soat')}/confirm`,
    body: {},
  }),
  'POST /access-review/{id}/withdraw': async (stage) => ({
    path: `/access-review/${await grantOf(stage, 'ra-soat-2')}/withdraw`,
    body: { note: 'đã chuyển công tác' },
  }),
  'POST /users': () => ({ path: '/users', body: newAccount('moi') }),
  'PATCH /users/{id}': ({ world }) => ({ path: `/users/${world.user.west}`, body: { status: 'locked' } }),
  'POST /me/password': async (stage) => {
    await stage.ask('POST', '/users', newAccount('doi'));
    const { token } = await stage.signIn('doi');
    return {
      path: '/me/password',
      token,
      body: { current: PERSON_PASSWORD, next: 'bến-đò.chiều-mưa-91' },
    };
  },
  'POST /auth/login': async (stage) => {
    await stage.ask('POST', '/users', newAccount('vao'));
    return { path: '/auth/login', token: '', body: { username: 'vao', password: PERSON_PASSWORD } };
  },
  'POST /auth/logout': async (stage) => {
    await stage.ask('POST', '/users', newAccount('ra'));
    const { token, cookie } = await stage.signIn('ra');
    return { path: '/auth/logout', token, headers: { cookie, 'x-requested-with': 'test' } };
  },
  'POST /auth/refresh': async (stage) => {
    await stage.ask('POST', '/users', newAccount('lai'));
    const { cookie } = await stage.signIn('lai');
    const headers = { cookie, 'x-requested-with': 'test' };
    // The second use of the same cookie: somebody stole it.
    await stage.call('POST', '/auth/refresh', { headers });
    return { path: '/auth/refresh', token: '', headers, refused: 401 };
  },
  'POST /auth/step-up': async (stage) => {
    await stage.ask('POST', '/users', newAccount('minh'));
    const { token } = await stage.signIn('minh');
    return { path: '/auth/step-up', token, body: { password: PERSON_PASSWORD } };
  },
  'POST /auth/lock': async (stage) => {
    await stage.ask('POST', '/users', newAccount('man'));
    return { path: '/auth/lock', token: (await stage.signIn('man')).token };
  },
  'POST /me/terms': async (stage) => {
    await stage.ask('POST', '/users', newAccount('dong'));
    const { version } = await stage.ask('GET', '/auth/terms');
    return { path: '/me/terms', token: (await stage.signIn('dong')).token, body: { version } };
  },
  'POST /me/totp': async (stage) => {
    const { token, ticket, code } = await stage.withTotp('to');
    return { path: '/me/totp', token, body: { ticket, code } };
  },
  'DELETE /me/totp': async (stage) => {
    const { token, ticket, code } = await stage.withTotp('go');
    await stage.call('POST', '/me/totp', { token, body: { ticket, code } });
    return { path: '/me/totp', token };
  },
  'POST /me/recovery-codes': async (stage) => {
    const { token, ticket, code } = await stage.withTotp('ma');
    await stage.call('POST', '/me/totp', { token, body: { ticket, code } });
    return { path: '/me/recovery-codes', token };
  },
  'DELETE /me/sessions': async (stage) => {
    await stage.ask('POST', '/users', newAccount('het'));
    return { path: '/me/sessions', token: (await stage.signIn('het')).token };
  },
  'DELETE /me/sessions/{id}': async (stage) => {
    await stage.ask('POST', '/users', newAccount('mot'));
    await stage.signIn('mot');
    const { token } = await stage.signIn('mot');
    const { items } = (await stage.call('GET', '/me/sessions', { token })).body;
    const other = items.find(({ current }: { current: boolean }) => !current);
    return { path: `/me/sessions/${other.id}`, token };
  },
  'POST /users/{id}/keys': async (stage) => ({
    path: `/users/${await service(stage, 'may-1')}/keys`,
    body: KEY,
  }),
  'DELETE /users/{id}/keys/{key}': async (stage) => {
    const id = await service(stage, 'may-2');
    const key = await stage.ask('POST', `/users/${id}/keys`, KEY);
    return { path: `/users/${id}/keys/${key.id}` };
  },
  'DELETE /users/{id}/second-factors': ({ world }) => ({ path: `/users/${world.user.area}/second-factors` }),
  'POST /delegations': async (stage) => ({ path: '/delegations', ...(await lender(stage, 'cho-muon')) }),
  'POST /delegations/{id}/end': async (stage) => {
    const { token, body } = await lender(stage, 'doi-lai');
    const loan = (await stage.call('POST', '/delegations', { token, body })).body;
    return { path: `/delegations/${loan.id}/end`, token, body: {} };
  },
  'POST /legal-holds': () => ({ path: '/legal-holds', body: hold }),
  'POST /legal-holds/{id}/release-request': async (stage) => {
    const { id } = await stage.ask('POST', '/legal-holds', hold);
    return { path: `/legal-holds/${id}/release-request`, body: { reason: 'vụ việc đã khép lại' } };
  },
  'POST /legal-holds/{id}/release': async (stage) => {
    const { id } = await stage.ask('POST', '/legal-holds', hold);
    await stage.ask('POST', `/legal-holds/${id}/release-request`, { reason: 'vụ việc đã khép lại' });
    await stage.ask('POST', '/users', {
      ...newAccount('thu-hai'),
      grants: [{ role: 'admin', maxClass: 'restricted' }],
    });
    const { token } = await stage.signIn('thu-hai');
    return { path: `/legal-holds/${id}/release`, token };
  },
  'POST /audit/export': () => ({ path: '/audit/export', body: { format: 'jsonl', reason: 'kiểm tra' } }),
};

/** Routes that read what must be known to have been read. */
export const READS: Record<string, Perform> = {
  'GET /audit': () => ({ path: '/audit' }),
  'GET /account-register/export': () => ({ path: '/account-register/export' }),
  'GET /account-requests/{id}/scans/{scan}': ({ world }) => ({
    path: `/account-requests/${world.request.area}/scans/${world.scan.area}`,
  }),
  'GET /audit/verify': () => ({ path: '/audit/verify' }),
  'GET /quarantine/{id}': ({ world }) => ({ path: `/quarantine/${world.quarantine.west}` }),
};

/** Routes that are no act of a person, or leave their entry elsewhere, and why. */
export const NO_ACT: Record<string, string> = {
  'POST /rules/explain': 'puts a rule that is being written into words; stores nothing',
  'POST /rules/{id}/approve': 'takes a second person; server/rules/trials.test.ts',
  'POST /ingest/{device}': 'a device speaks: readings and quarantine keep it',
  'POST /auth/refresh':
    'goes on with a sign-in that is in the trail; a stolen token is recorded as its own act',
  'POST /auth/second-factor': 'the second half of a sign-in; the tests beside server/accounts',
  'POST /auth/passkey': 'needs an authenticator; the tests beside server/accounts',
  'GET /auth/oidc/callback': 'needs a provider; the tests beside server/accounts',
  'POST /me/passkeys': 'needs an authenticator; the tests beside server/accounts',
  'DELETE /me/passkeys/{id}': 'needs an authenticator; the tests beside server/accounts',
  'DELETE /me/identities/{id}': 'needs a provider; the tests beside server/accounts',
  'POST /auth/passkey/options': 'a question; nothing changes',
  'POST /auth/step-up/options': 'a question; nothing changes',
  'POST /me/totp/options': 'a question; nothing changes until its answer comes back',
  'POST /me/passkeys/options': 'a question; nothing changes until its answer comes back',
  'POST /auth/active': 'says that somebody is still there; changes nothing',
  'POST /live/ticket': 'opens the push socket of a session that is in the trail; changes nothing',
  'GET /cameras/{id}/snapshot': 'needs a camera; server/registry/routes-cameras.test.ts',
  'GET /alerts/{id}/snapshot': 'needs a picture; server/alerts/routes.test.ts',
};
