/**
 * How the authorisation test asks for things, per route of the table. A route that is not named here fails the test:
 * whoever adds one says how somebody without the right to it would try.
 *
 * The world of the test (world.ts) has a western side, which the people of the test hold grants for, and four that are
 * foreign to them, each in one dimension of the scope model. Everything foreign carries the mark in its names and ids.
 */
export const MARK = 'eastmark';
export const DIMENSIONS = ['area', 'agency', 'domain', 'class'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export const markOf = (dimension: Dimension) => (dimension === 'area' ? MARK : `${MARK}-${dimension}`);

type Sides<T> = Record<Dimension | 'west', T>;
export interface World {
  alert: Sides<number>;
  dispatch: Sides<number>;
  quarantine: Sides<number>;
  user: Sides<string>;
  /** A request for an account beyond the limits, and its scan; a grant that somebody holds there. */
  request: Record<Dimension, number>;
  scan: Record<Dimension, string>;
  grant: Record<Dimension, number>;
  /** A session of somebody else. */
  session: string;
  /** An account of a machine in the east, and its API key. */
  service: string;
  key: string;
  /** Powers that two other people lent each other. */
  delegation: number;
  areaTile: string;
  westTile: string;
}

/** Routes that anybody may call, and why. */
export const PUBLIC: Record<string, string> = {
  'GET /centre': 'the sign-in page shows it',
  'POST /auth/login': 'nobody is signed in yet',
  'GET /auth/methods': 'the sign-in page offers them',
  'GET /auth/terms': 'they are no secret, and are read before anything else',
  'POST /auth/second-factor': 'the sealed challenge of the first step is the credential',
  'POST /auth/passkey/options': 'nobody is signed in yet',
  'POST /auth/passkey': 'nobody is signed in yet',
  'GET /auth/oidc/start': 'nobody is signed in yet',
  'GET /auth/oidc/callback': 'the code of the provider and the sealed cookie are the credential',
  'POST /auth/refresh': 'the cookie is the credential',
  'POST /auth/logout': 'ends a session, also one whose access token is over',
};

/** What is answered besides the route table, and why nobody has to sign in there. */
export const OUTSIDE: readonly { address: RegExp; why: string }[] = [
  { address: /^GET \/(healthz|readyz)$/, why: 'says that the process answers, and nothing else' },
  { address: /^GET \/metrics$/, why: 'to programs of this machine, or with the token of the configuration' },
  {
    address: /^GET \/\^\\\/basemap\\\//,
    why: 'map files that were in the folder at the start, none of a row',
  },
  { address: /^GET \/\^\\\/\(\?!api/, why: 'the page of the console, without data' },
  { address: /^GET \/api\/docs/, why: 'the description of the API' },
  { address: /^GET \/\.well-known\/security\.txt$/, why: 'who to tell of a weakness' },
  { address: /^WS \/api\/v1\/live$/, why: 'a ticket or token of a session, tried below' },
  { address: /^WS \/media\/\{camera\}\.flv$/, why: 'a ticket for one camera, tried below' },
];

/** Routes with the credential of a device. */
export const DEVICE: Record<string, { path: string; foreign: string }> = {
  'POST /ingest/{device}': { path: '/ingest/west-device', foreign: `/ingest/${MARK}-device` },
};

/** Routes that take an id: something foreign, by dimension, and something that is not there at all. */
export interface IdCase {
  /** Undefined = the thing has no such dimension. */
  foreign(world: World, dimension: Dimension): string | undefined;
  missing: string;
  body?: unknown;
}
type Ids = Pick<IdCase, 'foreign' | 'missing'>;
const simple = (prefix: string, suffix: string, ids: Ids, body?: unknown): IdCase => ({
  foreign(world, dimension) {
    const id = ids.foreign(world, dimension);
    return id === undefined ? undefined : `${prefix}/${id}${suffix}`;
  },
  missing: `${prefix}/${ids.missing}${suffix}`,
  body,
});
/** What is foreign in one way only. */
function only(foreign: (world: World) => string, missing: string, body?: unknown): IdCase {
  return {
    foreign: (world, dimension) => (dimension === 'area' ? foreign(world) : undefined),
    missing,
    body,
  };
}
const named = (kind: string): Ids => ({
  foreign: (_world, dimension) =>
    kind === 'unit' && dimension === 'domain' ? undefined : `${markOf(dimension)}-${kind}`,
  missing: `no-such-${kind}`,
});
const device = named('device');
const camera = named('camera');
const unit = named('unit');
const user: Ids = { foreign: (world, dimension) => world.user[dimension], missing: 'no-such-user' };
const service = only((world) => world.service, 'no-such-user');
const numbered = (kind: 'alert' | 'dispatch' | 'quarantine'): Ids => ({
  foreign: (world, dimension) => String(world[kind][dimension]),
  missing: '987654321',
});
const alert = numbered('alert');
const area = only(() => '99002', '99999');
const request: Ids = {
  foreign: (world, dimension) => String(world.request[dimension]),
  missing: '987654321',
};
const grant: Ids = { foreign: (world, dimension) => String(world.grant[dimension]), missing: '987654321' };
const letter = { requesterKind: 'unit', requesterName: 'X', documentNumber: '1', documentDate: '2026-11-20' };

export const BY_ID: Record<string, IdCase> = {
  'POST /personal-data/subjects/{id}/report': simple('/personal-data/subjects', '/report', user, {
    reason: 'inspection',
  }),
  'POST /personal-data/subjects/{id}/erasure': simple('/personal-data/subjects', '/erasure', user, {
    reason: 'inspection',
  }),
  'PATCH /users/{id}': simple('/users', '', user, { displayName: 'X' }),
  'POST /users/{id}/emergency-lock': simple('/users', '/emergency-lock', user, { reason: 'X' }),
  'GET /account-requests/{id}': simple('/account-requests', '', request),
  'POST /account-requests/{id}/scans': simple('/account-requests', '/scans', request),
  'GET /account-requests/{id}/scans/{scan}': {
    foreign: (world, dimension) =>
      `/account-requests/${world.request[dimension]}/scans/${world.scan[dimension]}`,
    missing: '/account-requests/987654321/scans/none',
  },
  'POST /account-requests/{id}/document': simple('/account-requests', '/document', request, letter),
  'POST /account-requests/{id}/check': simple('/account-requests', '/check', request, {}),
  'POST /account-requests/{id}/return': simple('/account-requests', '/return', request, { note: 'X' }),
  'POST /account-requests/{id}/resubmit': simple('/account-requests', '/resubmit', request, {}),
  'POST /account-requests/{id}/approve': simple('/account-requests', '/approve', request, {}),
  'POST /account-requests/{id}/refuse': simple('/account-requests', '/refuse', request, { note: 'X' }),
  'POST /account-requests/{id}/execute': simple('/account-requests', '/execute', request, {}),
  'POST /account-requests/{id}/confirm': simple('/account-requests', '/confirm', request, {}),
  'POST /account-requests/{id}/withdraw': simple('/account-requests', '/withdraw', request, { note: 'X' }),
  'POST /access-review/{id}/confirm': simple('/access-review', '/confirm', grant, {}),
  'POST /access-review/{id}/withdraw': simple('/access-review', '/withdraw', grant, { note: 'X' }),
  'DELETE /users/{id}/second-factors': simple('/users', '/second-factors', user),
  'GET /users/{id}/keys': simple('/users', '/keys', service),
  'POST /users/{id}/keys': simple('/users', '/keys', service, { name: 'X', days: 30 }),
  'DELETE /users/{id}/keys/{key}': only(
    (world) => `/users/${world.service}/keys/${world.key}`,
    '/users/no-such-user/keys/0123456789abcdef',
  ),
  'DELETE /me/passkeys/{id}': only(() => `/me/passkeys/${MARK}`, '/me/passkeys/none'),
  'DELETE /me/identities/{id}': only(() => `/me/identities/${MARK}`, '/me/identities/none'),
  'DELETE /me/sessions/{id}': only((world) => `/me/sessions/${world.session}`, '/me/sessions/none'),
  'POST /delegations/{id}/end': only(
    (world) => `/delegations/${world.delegation}/end`,
    '/delegations/987654321/end',
    {},
  ),
  'GET /users/{id}/sight': simple('/users', '/sight?kind=device', user),
  'GET /areas/{id}': simple('/areas', '', area),
  'GET /devices/{id}': simple('/devices', '', device),
  'PATCH /devices/{id}': simple('/devices', '', device, { name: 'X' }),
  'POST /devices/{id}/credential': simple('/devices', '/credential', device),
  'GET /devices/{id}/certificates': simple('/devices', '/certificates', device),
  'POST /devices/{id}/certificates': simple('/devices', '/certificates', device, { subject: 'CN=x' }),
  'DELETE /devices/{id}/certificates/{certificate}': simple('/devices', '/certificates/0011', device),
  'GET /devices/{id}/observations': simple('/devices', '/observations', device),
  'GET /cameras/{id}': simple('/cameras', '', camera),
  'PATCH /cameras/{id}': simple('/cameras', '', camera, { name: 'X' }),
  'POST /cameras/{id}/play': simple('/cameras', '/play', camera),
  'GET /cameras/{id}/snapshot': simple('/cameras', '/snapshot', camera),
  'GET /alerts/{id}': simple('/alerts', '', alert),
  'POST /alerts/{id}/acknowledge': simple('/alerts', '/acknowledge', alert, {}),
  'POST /alerts/{id}/resolve': simple('/alerts', '/resolve', alert, { text: 'X' }),
  'POST /alerts/{id}/comment': simple('/alerts', '/comment', alert, { text: 'X' }),
  'POST /alerts/{id}/shelve': simple('/alerts', '/shelve', alert, { reason: 'X', minutes: 5 }),
  'POST /alerts/{id}/unshelve': simple('/alerts', '/unshelve', alert, {}),
  'GET /alerts/{id}/snapshot': simple('/alerts', '/snapshot', alert),
  'GET /alerts/{id}/recommendations': simple('/alerts', '/recommendations', alert),
  'GET /units/{id}': simple('/units', '', unit),
  'PATCH /units/{id}/status': simple('/units', '/status', unit, { status: 'out_of_service' }),
  'PATCH /dispatches/{id}': simple('/dispatches', '', numbered('dispatch'), { state: 'accepted' }),
  'GET /quarantine/{id}': simple('/quarantine', '', numbered('quarantine')),
  'POST /quarantine/{id}/replay': simple('/quarantine', '/replay', numbered('quarantine')),
};

/** Routes that take an id which is nobody's in particular, and why. */
export const SHARED: Record<string, { path(world: World): string; why: string; body?: unknown }> = {
  'GET /rules/{id}': { path: () => '/rules/whole', why: 'rules are of the centre; a rule shows no row' },
  'GET /rules/{id}/versions': { path: () => '/rules/whole/versions', why: 'as the rule' },
  'GET /rules/{id}/simulations': { path: () => '/rules/whole/simulations', why: 'as the rule' },
  'GET /rules/{id}/shadow-alarms': {
    path: () => '/rules/whole/shadow-alarms',
    why: 'for those who may write it',
  },
  'POST /rules/{id}/backtest': {
    path: () => '/rules/whole/backtest',
    body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
    why: 'a rule speaks for the whole centre',
  },
  'POST /rules/{id}/approve': { path: () => '/rules/whole/approve', body: {}, why: 'as its activation' },
  'POST /rules/{id}/shadow': { path: () => '/rules/whole/shadow', body: {}, why: 'as its activation' },
  'PATCH /rules/{id}': {
    path: () => '/rules/whole',
    why: 'refused below: needs a grant for the whole',
    body: { name: 'X' },
  },
  'POST /rules/{id}/activate': {
    path: () => '/rules/whole/activate',
    why: 'refused below: needs a grant for the whole',
  },
  'POST /legal-holds/{id}/release-request': {
    path: () => '/legal-holds/1/release-request',
    why: 'holds are of the centre; refused without a grant for the whole',
    body: { reason: 'thử' },
  },
  'POST /legal-holds/{id}/release': { path: () => '/legal-holds/1/release', why: 'as asking for it' },
  'GET /tiles/{layer}/{z}/{x}/{y}.mvt': {
    path: (world) => `/tiles/areas/${world.areaTile}`,
    why: 'swept below, every layer',
  },
};

/** Routes that list or count: what they are asked, and whether somebody of the whole centre sees the mark there. */
export const LISTS: Record<string, { queries: string[]; marked: boolean }> = {
  'GET /me': { queries: [''], marked: false },
  'GET /me/personal-data': { queries: [''], marked: false },
  'GET /personal-data/kinds': { queries: [''], marked: false },
  'GET /personal-data/runs': { queries: [''], marked: false },
  'GET /me/security': { queries: [''], marked: false },
  'GET /me/sessions': { queries: [''], marked: false },
  'GET /roles': { queries: [''], marked: false },
  'GET /agencies': { queries: [''], marked: false },
  'GET /users': { queries: [''], marked: true },
  'GET /account-requests': { queries: ['', '?state=open', '?late=true', '?limit=1'], marked: true },
  'GET /account-register': { queries: ['', '?action=lock', '?limit=1'], marked: true },
  'GET /account-register/export': { queries: [''], marked: true },
  'GET /access-review': { queries: ['', '?due=false'], marked: true },
  'GET /areas': { queries: ['', '?level=commune'], marked: true },
  'GET /delegations': { queries: ['', '?state=all'], marked: false },
  'GET /delegations/colleagues': { queries: ['', `?q=${MARK}`], marked: false },
  'GET /areas/at': { queries: ['?lon=111.5&lat=10.5'], marked: true },
  'GET /device-types': { queries: [''], marked: false },
  'GET /devices': { queries: ['', '?area=99', '?bbox=100,0,120,20'], marked: true },
  'GET /latest': { queries: ['', '?quantity=salinity', '?bbox=100,0,120,20'], marked: true },
  'GET /cameras': { queries: ['', '?sees=111.5,10.5', '?bbox=100,0,120,20'], marked: true },
  'GET /rule-kinds': { queries: [''], marked: false },
  'GET /rules': { queries: [''], marked: false },
  'GET /alerts': { queries: ['', '?state=open', '?area=99', '?bbox=100,0,120,20'], marked: true },
  'GET /alerts/counts': { queries: [''], marked: false },
  'GET /alerts/figures': { queries: ['', '?hours=1'], marked: false },
  'GET /alerts/histogram': { queries: [''], marked: false },
  'GET /units': { queries: [''], marked: true },
  'GET /dispatches': { queries: [''], marked: true },
  'GET /quarantine': { queries: [''], marked: true },
  'GET /search': { queries: [`?q=${MARK}`, '?q=thu'], marked: true },
  'GET /system': { queries: [''], marked: false },
  'GET /retention': { queries: [''], marked: false },
  'GET /legal-holds': { queries: [''], marked: false },
  'GET /audit': { queries: ['', '?objectType=device', '?chain=centre'], marked: true },
  'GET /audit/verify': { queries: [''], marked: false },
  'GET /audit/facets': { queries: ['', '?objectType=device'], marked: false },
  'GET /audit/status': { queries: [''], marked: false },
  'GET /me/activity': { queries: [''], marked: false },
};

/** Routes that make something: the attempt to make it in the east, and how it must end. */
export const WRITES: Record<
  string,
  { body?: (world: World) => unknown; raw?: string; ends: number | 'own' | 'row' }
> = {
  'POST /me/password': { ends: 'own' },
  'POST /me/terms': { ends: 'own' },
  'POST /me/totp/options': { ends: 'own' },
  'POST /me/totp': { ends: 'own' },
  'DELETE /me/totp': { ends: 'own' },
  'POST /me/passkeys/options': { ends: 'own' },
  'POST /me/passkeys': { ends: 'own' },
  'POST /me/recovery-codes': { ends: 'own' },
  'DELETE /me/sessions': { ends: 'own' },
  'POST /auth/step-up/options': { ends: 'own' },
  'POST /auth/step-up': { ends: 'own' },
  'POST /auth/lock': { ends: 'own' },
  'POST /auth/active': { ends: 'own' },
  'POST /live/ticket': { ends: 'own' },
  'POST /personal-data/lookups': { body: () => ({ q: MARK, reason: 'inspection' }), ends: 403 },
  'POST /delegations': {
    body: () => ({
      grantId: 987654321,
      to: `${MARK}-user`,
      validTo: new Date(Date.now() + 3600_000).toISOString(),
      reason: 'thử',
    }),
    ends: 400,
  },
  'POST /users': {
    body: () => ({ username: 'neu', displayName: 'X', grants: [{ role: 'viewer', areaIds: ['99002'] }] }),
    ends: 409,
  },
  'POST /account-requests': {
    body: () => ({
      ...letter,
      action: 'grant',
      reason: 'X',
      username: 'neu',
      displayName: 'X',
      grants: [{ role: 'viewer', areaIds: ['99002'] }],
    }),
    ends: 403,
  },
  'POST /areas': { body: () => ({ type: 'FeatureCollection', features: [{}] }), ends: 403 },
  'POST /devices': { body: () => ({ name: 'X', type: 'salinity', position: [111.5, 10.5] }), ends: 403 },
  'POST /devices/import': { raw: `id,name,type,lon,lat\n${MARK}-device,X,salinity,111.5,10.5`, ends: 'row' },
  'POST /cameras': {
    body: () => ({ name: 'X', position: [111.5, 10.5], source: { kind: 'test-pattern', scene: 'road' } }),
    ends: 403,
  },
  'POST /rules': {
    body: () => ({
      kind: 'threshold',
      name: 'X',
      domain: 'environment',
      severity: 'major',
      params: { quantity: 'salinity', above: 4 },
      appliesTo: { devices: [`${MARK}-device`] },
    }),
    ends: 403,
  },
  'POST /rules/explain': { body: () => ({ kind: 'none', params: {} }), ends: 'own' },
  'POST /units': {
    body: () => ({ name: 'X', callSign: 'X1', kind: 'ambulance', areaId: '99002' }),
    ends: 403,
  },
  'POST /legal-holds': {
    body: () => ({
      reason: 'thử',
      deviceIds: [`${MARK}-device`],
      from: '2026-01-01T00:00:00Z',
      to: '2026-02-01T00:00:00Z',
    }),
    ends: 403,
  },
  'POST /dispatches': { body: (world) => ({ alertId: world.alert.area, unitId: 'west-unit' }), ends: 404 },
  'POST /quarantine/replay': { body: () => ({}), ends: 'own' },
  'POST /audit/export': { body: () => ({}), ends: 'own' },
};
