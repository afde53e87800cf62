/**
 * Roles give the verbs, grants give the rows (requirements: roles and permissions).
 * One `can()` and one `scopeOf()` serve REST, WebSocket, tiles and video. Which role has which permission is data:
 * `config/roles.yaml`, see `core/roles.ts`.
 */
export const PERMISSIONS = [
  'centre.read',
  'areas.read',
  'areas.write',
  'devices.read',
  'devices.write',
  'observations.read',
  'cameras.read',
  'cameras.play',
  'cameras.write',
  'rules.read',
  'rules.write',
  'rules.activate',
  'alerts.read',
  'alerts.operate',
  'alerts.forward',
  'units.read',
  'units.write',
  'dispatch.operate',
  'quarantine.read',
  'quarantine.replay',
  'users.read',
  'users.write',
  'accounts.read',
  'accounts.request',
  'accounts.check',
  'accounts.decide',
  'accounts.execute',
  'accounts.lock',
  'accounts.review',
  'accounts.explain',
  'delegations.lend',
  'breakglass.open',
  'approvals.decide',
  'personal.read',
  'personal.erase',
  'system.read',
  'holds.read',
  'holds.write',
  'audit.read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** How far a row may travel, the least guarded first. State secrets are never stored, so they are no class. */
export const CLASSES = ['public', 'internal', 'restricted'] as const;
export type DataClass = (typeof CLASSES)[number];
const RANK: Readonly<Record<DataClass, number>> = { public: 0, internal: 1, restricted: 2 };

export const isAtMost = (given: DataClass, max: DataClass): boolean => RANK[given] <= RANK[max];
export const strictest = (a: DataClass, b: DataClass): DataClass => (RANK[a] >= RANK[b] ? a : b);
const leastStrict = (a: DataClass, b: DataClass): DataClass => (RANK[a] <= RANK[b] ? a : b);
/** The class and those below it. */
export const classesUpTo = (max: DataClass): DataClass[] => CLASSES.filter((one) => isAtMost(one, max));

/** Where a request came from, as the audit trail keeps it. */
export interface RequestOrigin {
  ip: string;
  requestId: string;
}
/**
 * What a session must do before it may do anything else: unlock the console, prove or set up a second factor, change
 * a password that somebody else has set or that is too old, accept the terms of security.
 */
export const SESSION_NEEDS = ['unlock', 'second_factor', 'enrolment', 'password', 'terms'] as const;
export type SessionNeed = (typeof SESSION_NEEDS)[number];

/** Why somebody uses powers that are not their own. */
export const LOAN_KINDS = ['delegation', 'acting', 'mutual_aid', 'break_glass'] as const;
export type LoanKind = (typeof LOAN_KINDS)[number];

interface Person {
  userId: string;
  username: string;
  displayName: string;
}

/** The rows that a grant reaches. */
export interface GrantLimits {
  /** Agency ids, subordinates already expanded; 'all' = every row, also rows of no agency. */
  agencies: ReadonlySet<string> | 'all';
  /** Area ids, subtrees already expanded; 'all' = every row, also rows without an area. */
  areas: ReadonlySet<string> | 'all';
  domains: ReadonlySet<string> | 'all';
  maxClass: DataClass;
}

export interface Grant extends GrantLimits {
  /** Row of `grants`; null = made in memory, for the local operator. */
  id: number | null;
  role: string;
  permissions: ReadonlySet<Permission>;
  /** Agencies in whose name the holder takes part in what is forwarded to them, wherever it lies. */
  parties: ReadonlySet<string>;
  /** Whose grant it is that was lent; null = the holder's own. */
  delegatedFrom: Person | null;
  /** Lent to stand in for the director: acts kept to the director are then done without asking. */
  acting: boolean;
  /** The loan by which it is held; absent = it is the holder's own. */
  loan?: { id: number; kind: LoanKind };
}

export interface Caller extends Person {
  sessionId: string;
  /** The agency this person works for. */
  agencyId: string | null;
  /** Only grants that are in date; empty as long as the session `needs` something. */
  grants: readonly Grant[];
  /** The request that is being answered; absent on sockets and inside the process. */
  origin?: RequestOrigin;
  needs?: SessionNeed;
  /** The grants that an unlock brings back, for the few routes that a locked console may still call. */
  whenUnlocked?: readonly Grant[];
  /**
   * Until when the last proof of identity is good for acts that ask for one, epoch ms. Absent = nobody is there to
   * prove anything: a machine.
   */
  provedUntilMs?: number;
}

/** Stands for the agency of things that by their nature belong to none, as areas do. */
const OF_NO_AGENCY = '*';

/**
 * The place of a row in the scope model. Null area = outside every polygon, null agency = nobody's yet: both are seen
 * by unlimited grants only. Null domain = belongs to none: everybody whose grant covers the rest sees it.
 */
export interface ResourceScope {
  areaId: string | null;
  domain: string | null;
  agencyId: string | null;
  class: DataClass;
  /** Agencies it was forwarded to. */
  parties?: readonly string[];
}

/** The scope of something that has a place and nothing else. */
export const placeOnly = (areaId: string | null): ResourceScope => ({
  areaId,
  domain: null,
  agencyId: OF_NO_AGENCY,
  class: 'public',
});

/** What is about the whole centre, in one domain or in none: only grants without limits in place and agency reach it. */
export const wholeCentre = (domain: string | null, dataClass: DataClass = 'internal'): ResourceScope => ({
  areaId: null,
  domain,
  agencyId: null,
  class: dataClass,
});

const areaFits = ({ areas }: Grant, { areaId }: ResourceScope) =>
  areas === 'all' || (areaId !== null && areas.has(areaId));
const domainFits = ({ domains }: Grant, { domain }: ResourceScope) =>
  domains === 'all' || domain === null || domains.has(domain);
const agencyFits = ({ agencies }: Grant, { agencyId }: ResourceScope) =>
  agencies === 'all' || agencyId === OF_NO_AGENCY || (agencyId !== null && agencies.has(agencyId));
const classFits = ({ maxClass }: Grant, resource: ResourceScope) => isAtMost(resource.class, maxClass);
const isParty = ({ parties }: Grant, resource: ResourceScope) =>
  resource.parties?.some((agency) => parties.has(agency)) ?? false;

function covers(grant: Grant, resource: ResourceScope): boolean {
  return (
    classFits(grant, resource) &&
    ((areaFits(grant, resource) && domainFits(grant, resource) && agencyFits(grant, resource)) ||
      isParty(grant, resource))
  );
}

/** What of a grant keeps it from covering a row. */
export const REFUSALS = ['permission', 'area', 'domain', 'agency', 'class'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why this grant does not allow it; empty = it does. */
export function refusalsOf(grant: Grant, permission: Permission, resource: ResourceScope): Refusal[] {
  const place: Refusal[] = isParty(grant, resource)
    ? []
    : [
        ...(areaFits(grant, resource) ? [] : (['area'] as const)),
        ...(domainFits(grant, resource) ? [] : (['domain'] as const)),
        ...(agencyFits(grant, resource) ? [] : (['agency'] as const)),
      ];
  return [
    ...(grant.permissions.has(permission) ? [] : (['permission'] as const)),
    ...place,
    ...(classFits(grant, resource) ? [] : (['class'] as const)),
  ];
}

/** Deny by default: true only if some in-date grant has the permission and covers the row. */
export function can(caller: Caller, permission: Permission, resource?: ResourceScope): boolean {
  return caller.grants.some(
    (grant) => grant.permissions.has(permission) && (!resource || covers(grant, resource)),
  );
}

/** The grant by which the caller may: their own before a lent one, so that nobody acts for others without need. */
export function decidingGrant(
  caller: Pick<Caller, 'grants'>,
  permission: Permission,
  resource?: ResourceScope,
): Grant | undefined {
  const fitting = caller.grants.filter(
    (grant) => grant.permissions.has(permission) && (!resource || covers(grant, resource)),
  );
  return fitting.find((grant) => grant.delegatedFrom === null) ?? fitting[0];
}

/** Who did it, for histories: `lan.tran`, or `lan.tran (thay minh.le)` when only a lent grant allowed it. */
export function actorOf(caller: Caller, permission: Permission, resource?: ResourceScope): string {
  const lender = decidingGrant(caller, permission, resource)?.delegatedFrom;
  return lender ? `${caller.username} (thay ${lender.username})` : caller.username;
}

/** One box of rows: every dimension must fit, or the row was forwarded to one of the parties; the class always. */
export interface ScopeBox {
  areas: readonly string[] | 'all';
  domains: readonly string[] | 'all';
  agencies: readonly string[] | 'all';
  parties: readonly string[];
  maxClass: DataClass;
}

/** The rows a caller may see under one permission: a union of boxes; empty = none. */
export type Scope = readonly ScopeBox[];

/** Every row there is, for the product's own use. */
export const WHOLE_SCOPE: Scope = [
  { areas: 'all', domains: 'all', agencies: 'all', parties: [], maxClass: 'restricted' },
];

const listed = (ids: ReadonlySet<string> | 'all') => (ids === 'all' ? ids : [...ids]);

export function scopeOf(caller: Caller, permission: Permission): Scope {
  return caller.grants
    .filter((grant) => grant.permissions.has(permission))
    .map((grant) => ({
      areas: listed(grant.areas),
      domains: listed(grant.domains),
      agencies: listed(grant.agencies),
      parties: [...grant.parties],
      maxClass: grant.maxClass,
    }));
}

/** Whether every row that `inner` reaches is within `outer`: nobody gives, lends or takes what is beyond their own. */
export function isWithin(inner: GrantLimits, outer: GrantLimits): boolean {
  const fits = (a: ReadonlySet<string> | 'all', b: ReadonlySet<string> | 'all') =>
    b === 'all' || (a !== 'all' && [...a].every((id) => b.has(id)));
  return (
    fits(inner.agencies, outer.agencies) &&
    fits(inner.areas, outer.areas) &&
    fits(inner.domains, outer.domains) &&
    isAtMost(inner.maxClass, outer.maxClass)
  );
}

/** What stays with its holder: with any of these a loan could outlive itself. */
const NEVER_LENT: ReadonlySet<Permission> = new Set(['users.write', 'delegations.lend', 'breakglass.open']);

/** Only whoever stands in for the director decides what is kept to the director. */
export const isLendable = (permission: Permission, kind: LoanKind): boolean =>
  !NEVER_LENT.has(permission) && (permission !== 'approvals.decide' || kind === 'acting');

/** What two limits have in common: a loan never reaches beyond either. */
export function withinBoth(a: GrantLimits, b: GrantLimits): GrantLimits {
  const common = (x: ReadonlySet<string> | 'all', y: ReadonlySet<string> | 'all') =>
    x === 'all' ? y : y === 'all' ? x : new Set([...x].filter((id) => y.has(id)));
  return {
    agencies: common(a.agencies, b.agencies),
    areas: common(a.areas, b.areas),
    domains: common(a.domains, b.domains),
    maxClass: leastStrict(a.maxClass, b.maxClass),
  };
}

/** Whether a scope leaves nothing out up to a class. */
export function isWhole(scope: Scope, upTo: DataClass): boolean {
  return scope.some(
    (box) =>
      box.areas === 'all' && box.domains === 'all' && box.agencies === 'all' && isAtMost(upTo, box.maxClass),
  );
}

/** The product itself, or whoever owns the machine it runs on: known by a grant that stands in no table and is not lent. */
export const isLocal = (caller: Caller): boolean =>
  caller.grants.some(({ id, loan, delegatedFrom }) => id === null && !loan && delegatedFrom === null);

/** Somebody who may do everything everywhere: the product itself, or whoever owns the machine it runs on. */
export function unlimited(name: string, more: Partial<Caller> = {}): Caller {
  return {
    userId: name,
    username: name,
    displayName: name,
    sessionId: name,
    agencyId: null,
    grants: [
      {
        id: null,
        role: 'admin',
        permissions: new Set(PERMISSIONS),
        agencies: 'all',
        parties: new Set(),
        areas: 'all',
        domains: 'all',
        maxClass: 'restricted',
        delegatedFrom: null,
        acting: false,
      },
    ],
    ...more,
  };
}
