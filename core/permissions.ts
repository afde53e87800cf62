/**
 * Roles give the verbs, grants give the rows (requirements: roles and permissions).
 * One `can()` and one `scopeOf()` serve REST, WebSocket, tiles and video.
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
  'alerts.read',
  'alerts.operate',
  'units.read',
  'units.write',
  'dispatch.operate',
  'quarantine.read',
  'quarantine.replay',
  'users.read',
  'users.write',
  'system.read',
  'audit.read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['viewer', 'operator', 'integrator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const VIEWER: readonly Permission[] = [
  'centre.read',
  'areas.read',
  'devices.read',
  'observations.read',
  'cameras.read',
  'cameras.play',
  'rules.read',
  'alerts.read',
  'units.read',
];

export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  operator: new Set<Permission>([...VIEWER, 'alerts.operate', 'dispatch.operate', 'system.read']),
  integrator: new Set<Permission>([
    'centre.read',
    'areas.read',
    'devices.read',
    'devices.write',
    'observations.read',
    'cameras.read',
    'cameras.write',
    'quarantine.read',
    'quarantine.replay',
    'rules.read',
    'units.read',
    'system.read',
  ]),
  admin: new Set(PERMISSIONS),
};

export interface Grant {
  role: Role;
  /** Area ids, subtrees already expanded; 'all' = every row, also rows without an area. */
  areas: ReadonlySet<string> | 'all';
  domains: ReadonlySet<string> | 'all';
}

/** Where a request came from, as the audit trail keeps it. */
export interface RequestOrigin {
  ip: string;
  requestId: string;
}

export interface Caller {
  userId: string;
  username: string;
  displayName: string;
  sessionId: string;
  /** Only grants that are in date. */
  grants: readonly Grant[];
  /** The request that is being answered; absent on sockets and inside the process. */
  origin?: RequestOrigin;
}

/** The place of a row in the scope model. Null area = outside every polygon; null domain = belongs to none. */
export interface ResourceScope {
  areaId: string | null;
  domain: string | null;
}

/** Deny by default: true only if some in-date grant has the permission and covers the row. */
export function can(caller: Caller, permission: Permission, resource?: ResourceScope): boolean {
  return caller.grants.some(
    (grant) => ROLE_PERMISSIONS[grant.role].has(permission) && (!resource || covers(grant, resource)),
  );
}

function covers(grant: Grant, resource: ResourceScope): boolean {
  const areaOk = grant.areas === 'all' || (resource.areaId !== null && grant.areas.has(resource.areaId));
  const domainOk = grant.domains === 'all' || resource.domain === null || grant.domains.has(resource.domain);
  return areaOk && domainOk;
}

/** The rows a caller may see under one permission: a union of area × domain boxes; empty = none. */
export type Scope = readonly { areas: readonly string[] | 'all'; domains: readonly string[] | 'all' }[];

export function scopeOf(caller: Caller, permission: Permission): Scope {
  return caller.grants
    .filter((grant) => ROLE_PERMISSIONS[grant.role].has(permission))
    .map((grant) => ({
      areas: grant.areas === 'all' ? 'all' : [...grant.areas],
      domains: grant.domains === 'all' ? 'all' : [...grant.domains],
    }));
}
