import { z } from 'zod';
import { Sight, SightQuery } from '../../core/api/sight.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, type Permission, refusalsOf, scopeOf } from '../../core/permissions.ts';
import type { Database } from '../../core/ports.ts';
import { fold } from '../../core/text.ts';
import { type Route, route } from '../http/index.ts';
import type { StoredKind } from '../search/index.ts';
import { rowsOf, type SightRow } from './sql.ts';

const ROWS = 50;
const READ: Readonly<Record<StoredKind, Permission>> = {
  device: 'devices.read',
  camera: 'cameras.read',
  unit: 'units.read',
  alert: 'alerts.read',
};

/** The person whose sight is asked for, with every grant that holds now; a locked account has none. */
export interface Beheld {
  caller: Caller;
  active: boolean;
}

/**
 * What a person can see, and why: rows that the asking person may see themselves, each held against every grant of
 * the other. Whose account is out of the asking person's reach does not exist for them.
 */
export function sightRoutes(deps: {
  database: Database;
  /** Throws `request.not_found` for an account out of the caller's reach. */
  behold(userId: string, caller: Caller): Promise<Beheld>;
}): Route[] {
  const { database, behold } = deps;
  return [
    route({
      method: 'get',
      path: '/users/:id/sight',
      summary: 'What this user sees, and why: which grant lets them, or what refuses',
      tag: 'access',
      access: 'accounts.explain',
      params: z.object({ id: z.string().max(64) }),
      query: SightQuery,
      response: Sight,
      async handler({ caller, params, query }) {
        const read = READ[query.kind];
        const { caller: other, active } = await behold(params.id, caller);
        if (!can(caller, read)) throw new AppError('auth.forbidden');
        const permission = query.permission ?? read;
        const rows = await rowsOf(
          database.as(caller, read),
          query.kind,
          scopeOf(caller, read),
          { id: query.id, text: fold(query.q) },
          ROWS + 1,
        );
        const listed = (ids: ReadonlySet<string> | 'all') => (ids === 'all' ? null : [...ids].sort());
        return {
          user: {
            id: other.userId,
            username: other.username,
            displayName: other.displayName,
            agencyId: other.agencyId,
            active,
          },
          permission,
          grants: other.grants.map((grant) => ({
            role: grant.role,
            lentBy: grant.delegatedFrom?.username ?? null,
            kind: grant.loan?.kind ?? null,
            hasPermission: grant.permissions.has(permission),
            agencies: listed(grant.agencies),
            areas: grant.areas === 'all' ? null : grant.areas.size,
            domains: listed(grant.domains),
            maxClass: grant.maxClass,
          })),
          rows: rows.slice(0, ROWS).map((row) => ({
            id: row.id,
            name: row.name,
            ...scopeOfRow(row),
            visible: can(other, permission, scopeOfRow(row)),
            verdicts: other.grants.map((grant, n) => ({
              grant: n,
              refusals: refusalsOf(grant, permission, scopeOfRow(row)),
            })),
          })),
          more: rows.length > ROWS,
        };
      },
    }),
  ];
}

const scopeOfRow = (row: SightRow) => ({
  areaId: row.area_id,
  domain: row.domain,
  agencyId: row.agency_id,
  class: row.class,
  parties: row.parties,
});
