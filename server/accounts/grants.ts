import type { z } from 'zod';
import type { AgencyScope, GrantDto } from '../../core/api/auth.ts';
import type { Grant, GrantLimits } from '../../core/permissions.ts';
import type { AgencyDirectory, AreaDirectory } from '../../core/ports.ts';
import type { RoleBook } from '../../core/roles.ts';
import type { GrantRow } from './sql.ts';

/** What turns the words of a grant into rows: the trees of areas and agencies, and what the roles may do. */
export interface GrantWorld {
  areas: AreaDirectory;
  agencies: AgencyDirectory;
  roles: RoleBook;
}

/** The limits of a grant as somebody writes them down. */
export interface WrittenLimits {
  agencies: AgencyScope;
  areaIds: readonly string[] | null;
  domains: readonly string[] | null;
  maxClass: Grant['maxClass'];
}

/** The rows that written limits reach, for a holder of this agency. */
export function limitsOf(
  written: WrittenLimits,
  holderAgencyId: string | null,
  { areas, agencies }: Pick<GrantWorld, 'areas' | 'agencies'>,
): GrantLimits {
  const own = holderAgencyId === null ? [] : [holderAgencyId];
  const reach = {
    all: () => 'all' as const,
    self: () => new Set(own),
    'self+subordinate': () => agencies.subtree(own),
  };
  return {
    agencies: typeof written.agencies === 'string' ? reach[written.agencies]() : new Set(written.agencies),
    areas: written.areaIds === null ? 'all' : areas.subtree(written.areaIds),
    domains: written.domains === null ? 'all' : new Set(written.domains),
    maxClass: written.maxClass,
  };
}

/** The grant as it holds for somebody of this agency; undefined when there is no such role any more. */
export function grantOf(row: GrantRow, holderAgencyId: string | null, world: GrantWorld): Grant | undefined {
  const role = world.roles.get(row.role);
  if (!role) return undefined;
  const limits = limitsOf(writtenLimits(row), holderAgencyId, world);
  return {
    id: row.id,
    role: row.role,
    permissions: role.permissions,
    ...limits,
    parties: new Set(
      limits.agencies === 'all' ? (holderAgencyId === null ? [] : [holderAgencyId]) : limits.agencies,
    ),
    delegatedFrom: null,
    acting: false,
  };
}

export function writtenLimits(row: GrantRow): WrittenLimits {
  return {
    agencies: row.agency_rule === 'listed' ? (row.agency_ids ?? []) : row.agency_rule,
    areaIds: row.area_ids,
    domains: row.domains,
    maxClass: row.max_class,
  };
}

export function grantDto(row: GrantRow): z.output<typeof GrantDto> {
  const { agencies, maxClass } = writtenLimits(row);
  return {
    id: row.id,
    role: row.role,
    agencies,
    areaIds: row.area_ids,
    domains: row.domains,
    maxClass,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
  };
}

export const isInDate = (row: GrantRow, atMs: number): boolean =>
  row.valid_from.getTime() <= atMs && (row.valid_to === null || row.valid_to.getTime() > atMs);
