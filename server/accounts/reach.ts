import type { z } from 'zod';
import type { GrantDto } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, isWithin, type Permission } from '../../core/permissions.ts';
import type { Queryable, Tx } from '../../core/ports.ts';
import {
  type GrantWorld,
  grantDto,
  isInDate,
  limitsOf,
  type WrittenLimits,
  writtenLimits,
} from './grants.ts';
import { fullAdministrators, type GrantRow, knownAreas, type NewGrant } from './sql.ts';

/** Who never had a grant is for those to manage who may do so everywhere. */
const EVERYTHING: WrittenLimits = { agencies: 'all', areaIds: null, domains: null, maxClass: 'restricted' };

/** The judgements that every account act shares: whose account is whose to manage, and which grants there can be. */
export interface Reach {
  /** Nobody gives away, takes or even sees more than they hold themselves. */
  mayManage(
    caller: Caller,
    grants: readonly WrittenLimits[],
    holderAgencyId: string | null,
    permission: Permission,
  ): boolean;
  /** By what it is judged whose account it is: what it still has or will have; of a closed one, what it had. */
  reachOf(grants: readonly GrantRow[], at: Date): WrittenLimits[];
  inDate(grants: readonly GrantRow[], at: Date): z.output<typeof GrantDto>[];
  /** Throws `request.invalid`: no such role, agency or area, dates the wrong way round, an empty list. */
  checkGrants(db: Queryable, grants: readonly NewGrant[], holderAgencyId: string | null): Promise<void>;
  /** Throws `request.invalid`. */
  checkAgency(agencyId: string | null | undefined): void;
  /** Throws `request.conflict` when a change would leave the centre without anybody who can let others in. */
  keepAnAdministrator(tx: Tx, at: Date): Promise<void>;
}

export function createReach({ clock, world }: { clock: Clock; world: GrantWorld }): Reach {
  const { agencies, roles } = world;
  return {
    mayManage(caller, grants, holderAgencyId, permission) {
      return (grants.length === 0 ? [EVERYTHING] : grants).every((grant) => {
        const limits = limitsOf(grant, holderAgencyId, world);
        return caller.grants.some((own) => own.permissions.has(permission) && isWithin(limits, own));
      });
    },

    reachOf(grants, at) {
      const standing = grants.filter((grant) => grant.valid_to === null || grant.valid_to > at);
      return (standing.length > 0 ? standing : grants).map(writtenLimits);
    },

    inDate: (grants, at) => grants.filter((grant) => isInDate(grant, at.getTime())).map(grantDto),

    async checkGrants(db, grants, holderAgencyId) {
      const refuse = (detail: string) => {
        throw new AppError('request.invalid', { detail: `body.grants: ${detail}` });
      };
      for (const { role, agencies: whose, validFrom, validTo } of grants) {
        if (!roles.has(role)) refuse(`no role ${role}; known: ${[...roles.keys()].join(', ')}`);
        if (typeof whose !== 'string') {
          const unknown = whose.find((id) => !agencies.isActive(id));
          if (unknown !== undefined) refuse(`no agency ${unknown}`);
        } else if (whose !== 'all' && holderAgencyId === null) refuse(`${whose}: the account has no agency`);
        if (
          validTo !== undefined &&
          Date.parse(validTo) <= Math.max(validFrom === undefined ? 0 : Date.parse(validFrom), clock.now())
        )
          refuse('validTo: must be later than now and than validFrom');
      }
      const ids = grants.flatMap((grant) => grant.areaIds ?? []);
      const known = await knownAreas(db, ids);
      const missing = ids.find((id) => !known.has(id));
      if (missing !== undefined) refuse(`no area ${missing}`);
      if (grants.some((grant) => grant.areaIds?.length === 0 || grant.domains?.length === 0))
        refuse('an empty list covers nothing; null = all');
    },

    checkAgency(agencyId) {
      if (agencyId !== undefined && agencyId !== null && !agencies.isActive(agencyId))
        throw new AppError('request.invalid', { detail: `body.agencyId: no agency ${agencyId}` });
    },

    async keepAnAdministrator(tx, at) {
      if ((await fullAdministrators(tx, at)).length === 0)
        throw new AppError('request.conflict', { detail: 'the centre would have no administrator left' });
    },
  };
}
