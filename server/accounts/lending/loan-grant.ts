import type { Delegation } from '../../../core/api/delegations.ts';
import { type Grant, isLendable, withinBoth } from '../../../core/permissions.ts';
import { type GrantWorld, grantOf, isInDate, limitsOf, writtenLimits } from '../grants.ts';
import type { LoanRow } from '../sql/loans.ts';
import type { GrantRow } from '../sql.ts';

/** The row of the grant that a loan is part of. */
const grantRowOf = (row: LoanRow): GrantRow => ({
  id: row.grant_id,
  user_id: row.from_user,
  role: row.grant_role,
  agency_rule: row.grant_agency_rule,
  agency_ids: row.grant_agency_ids,
  area_ids: row.grant_area_ids,
  domains: row.grant_domains,
  max_class: row.grant_max_class,
  valid_from: row.grant_valid_from,
  valid_to: row.grant_valid_to,
});

/** When a loan changes what its holder may do, epoch ms. */
export const edgesOf = (row: LoanRow): number[] =>
  [row.valid_from, row.valid_to, row.grant_valid_from, row.grant_valid_to].flatMap((edge) =>
    edge === null ? [] : edge.getTime(),
  );

function stateOf(row: LoanRow, atMs: number): Delegation['state'] {
  if (row.ended_at !== null || row.valid_to.getTime() <= atMs) return 'ended';
  if (row.valid_from.getTime() > atMs) return 'planned';
  return row.from_active && isInDate(grantRowOf(row), atMs) ? 'active' : 'dormant';
}

/** The grant as whoever borrowed it holds it now; undefined when it gives nothing. */
export function lentGrant(row: LoanRow, atMs: number, world: GrantWorld): Grant | undefined {
  if (stateOf(row, atMs) !== 'active') return undefined;
  const grant = grantOf(grantRowOf(row), row.from_agency_id, world);
  if (!grant) return undefined;
  const limits = withinBoth(grant, loanLimits(row, world));
  const permissions = [...grant.permissions].filter(
    (permission) =>
      isLendable(permission, row.kind) && (row.permissions === null || row.permissions.includes(permission)),
  );
  return {
    id: null,
    role: grant.role,
    permissions: new Set(permissions),
    ...limits,
    parties: limits.agencies === 'all' || row.agency_ids === null ? grant.parties : new Set(limits.agencies),
    delegatedFrom: {
      userId: row.from_user,
      username: row.from_username,
      displayName: row.from_display_name,
    },
    acting: row.kind === 'acting',
    loan: { id: row.id, kind: row.kind },
  };
}

/** What the loan itself says, without the grant behind it. */
export const loanLimits = (
  row: Pick<LoanRow, 'agency_ids' | 'area_ids' | 'domains' | 'max_class'>,
  world: GrantWorld,
) =>
  limitsOf(
    {
      agencies: row.agency_ids ?? 'all',
      areaIds: row.area_ids,
      domains: row.domains,
      maxClass: row.max_class ?? 'restricted',
    },
    null,
    world,
  );

export function delegationDto(row: LoanRow, atMs: number, world: GrantWorld): Delegation {
  const written = writtenLimits(grantRowOf(row));
  const permissions = [...(world.roles.get(row.grant_role)?.permissions ?? [])].filter(
    (permission) =>
      isLendable(permission, row.kind) && (row.permissions === null || row.permissions.includes(permission)),
  );
  return {
    id: row.id,
    kind: row.kind,
    from: { id: row.from_user, username: row.from_username, displayName: row.from_display_name },
    to: { id: row.to_user, username: row.to_username, displayName: row.to_display_name },
    role: row.grant_role,
    permissions,
    agencies: row.agency_ids ?? written.agencies,
    areaIds: row.area_ids ?? (written.areaIds === null ? null : [...written.areaIds]),
    domains: row.domains ?? (written.domains === null ? null : [...written.domains]),
    maxClass: row.max_class ?? written.maxClass,
    reason: row.reason,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by_name,
    state: stateOf(row, atMs),
  };
}
