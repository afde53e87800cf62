import type { z } from 'zod';
import type { Colleague, Delegation, DelegationCreate } from '../../../core/api/delegations.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import {
  type Caller,
  type Grant,
  isAtMost,
  isLendable,
  isWithin,
  type LoanKind,
} from '../../../core/permissions.ts';
import type { AuditTrail, Bus, Database } from '../../../core/ports.ts';
import type { ProvinceProfile } from '../../../core/profile.ts';
import { violatedConstraint } from '../../db/index.ts';
import { type GrantWorld, isInDate } from '../grants.ts';
import { colleagues, endLoan, insertLoan, type LoanRow, loanById, loansOf } from '../sql/loans.ts';
import { grantsOf, knownAreas, type UserRow, userByName } from '../sql.ts';
import { delegationDto, loanLimits } from './loan-grant.ts';

const HOUR_MS = 3600_000;
const ACTING_DAYS = 92;

export interface Lending {
  /** What the caller lent and borrowed. */
  list(caller: Caller, all: boolean): Promise<Delegation[]>;
  lend(caller: Caller, body: DelegationCreate): Promise<Delegation>;
  /** By either side, or by whoever manages the account that borrowed. */
  end(caller: Caller, id: number, reason: string | undefined): Promise<Delegation>;
  /** Active people of the caller's agency and of those below it. */
  colleagues(caller: Caller, text: string): Promise<z.output<typeof Colleague>[]>;
}

/** Lending part of one's own grant to somebody else, for a time; every act under it names both. */
export function createLending(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  audit: AuditTrail;
  world: GrantWorld;
  settings: ProvinceProfile['access'];
  /** Throws `request.not_found` unless the caller manages the account. */
  mustManage(userId: string, caller: Caller): Promise<unknown>;
}): Lending {
  const { database, bus, clock, audit, world, settings, mustManage } = deps;
  const refuse = (detail: string): never => {
    throw new AppError('request.invalid', { detail });
  };
  const beyond = (detail: string): never => {
    throw new AppError('auth.forbidden', { detail });
  };
  const longestMs: Record<LoanKind, number> = {
    delegation: settings.delegationDays * 24 * HOUR_MS,
    acting: ACTING_DAYS * 24 * HOUR_MS,
    mutual_aid: settings.mutualAidHours * HOUR_MS,
    break_glass: settings.breakGlassHours * HOUR_MS,
  };

  const periodOf = (body: DelegationCreate) => {
    const now = clock.now();
    const fromMs = body.validFrom === undefined ? now : Math.max(now, Date.parse(body.validFrom));
    const toMs = Date.parse(body.validTo);
    if (toMs <= fromMs) refuse('body.validTo: must be later than now and than validFrom');
    if (toMs - fromMs > longestMs[body.kind])
      refuse(`body.validTo: at most ${longestMs[body.kind] / HOUR_MS} hours for ${body.kind}`);
    return { validFrom: new Date(fromMs), validTo: new Date(toMs) };
  };

  /** The own grant that the loan is part of, after everything about it was checked. */
  const lenderGrant = async (caller: Caller, body: DelegationCreate): Promise<Grant> => {
    const own = caller.grants.find(({ id, delegatedFrom }) => id === body.grantId && delegatedFrom === null);
    if (!own) return refuse('body.grantId: none of your grants in force');
    const needed = body.kind === 'break_glass' ? 'breakglass.open' : 'delegations.lend';
    if (!own.permissions.has(needed)) beyond(`this grant does not have ${needed}`);
    const foreign = body.permissions?.find(
      (permission) => !own.permissions.has(permission) || !isLendable(permission, body.kind),
    );
    if (foreign !== undefined) beyond(`body.permissions: ${foreign} is not yours to lend`);
    const unknown = body.agencies?.find((id) => !world.agencies.has(id));
    if (unknown !== undefined) refuse(`body.agencies: no agency ${unknown}`);
    const areas = await knownAreas(database, body.areaIds ?? []);
    const missing = body.areaIds?.find((id) => !areas.has(id));
    if (missing !== undefined) refuse(`body.areaIds: no area ${missing}`);
    const asked = loanLimits(
      {
        agency_ids: body.agencies ?? null,
        area_ids: body.areaIds ?? null,
        domains: body.domains ?? null,
        max_class: body.maxClass ?? null,
      },
      world,
    );
    const limits = {
      agencies: body.agencies ? asked.agencies : own.agencies,
      areas: body.areaIds ? asked.areas : own.areas,
      domains: body.domains ? asked.domains : own.domains,
      maxClass: body.maxClass ?? own.maxClass,
    };
    if (!isWithin(limits, own) || !isAtMost(limits.maxClass, own.maxClass)) beyond('beyond your own grant');
    return own;
  };

  const checkKind = async (caller: Caller, body: DelegationCreate, own: Grant, to: UserRow) => {
    const { kind } = body;
    if (kind === 'acting') {
      if (!own.permissions.has('approvals.decide')) beyond('only the director names who stands in');
      if (body.permissions || body.agencies || body.areaIds || body.domains || body.maxClass)
        refuse('whoever stands in for the director has all of the grant');
    }
    if (kind === 'mutual_aid' && to.agency_id === caller.agencyId)
      refuse('body.to: mutual aid is for people of another agency');
    const theirs = await grantsOf(database, [to.id]);
    const isOutsider = theirs.some(
      (grant) => isInDate(grant, clock.now()) && world.roles.get(grant.role)?.breakGlass === true,
    );
    if (isOutsider && kind !== 'break_glass') refuse('body.kind: this account gets emergency access only');
  };

  const changed = (row: LoanRow) => bus.emit('registry.changed', { kind: 'user', id: row.to_user });
  const dto = (row: LoanRow) => delegationDto(row, clock.now(), world);

  return {
    async list(caller, all) {
      return (await loansOf(database, caller.userId, new Date(clock.now()), all)).map(dto);
    },

    async lend(caller, body) {
      const own = await lenderGrant(caller, body);
      const period = periodOf(body);
      const to = await userByName(database, body.to.trim().toLowerCase());
      if (to === undefined || to.status !== 'active' || to.kind !== 'person' || to.id === caller.userId)
        return refuse('body.to: no such colleague');
      await checkKind(caller, body, own, to);
      try {
        const row = await database.transaction(async (tx) => {
          const id = await insertLoan(
            tx,
            {
              kind: body.kind,
              fromUser: caller.userId,
              toUser: to.id,
              grantId: body.grantId,
              permissions: body.permissions ?? null,
              agencyIds: body.agencies ?? null,
              areaIds: body.areaIds ?? null,
              domains: body.domains ?? null,
              maxClass: body.maxClass ?? null,
              reason: body.reason,
              ...period,
            },
            new Date(clock.now()),
          );
          const made = await loanById(tx, id);
          if (!made) throw new AppError('internal');
          const { from: _from, to: _to, endedAt: _at, endedBy: _by, state: _state, ...facts } = dto(made);
          await audit.record(tx, {
            by: caller,
            action: body.kind === 'break_glass' ? 'breakglass.open' : 'delegation.lend',
            object: { type: 'account', id: to.id, name: to.username },
            after: facts,
            reason: body.reason,
          });
          return made;
        });
        changed(row);
        return dto(row);
      } catch (error) {
        if (violatedConstraint(error) !== 'delegations_one_acting') throw error;
        throw new AppError('request.conflict', {
          detail: 'somebody else stands in for the director in this period',
          cause: error,
        });
      }
    },

    async end(caller, id, reason) {
      const known = await loanById(database, id);
      const isParty = known?.from_user === caller.userId || known?.to_user === caller.userId;
      if (!isParty) await mustManage(known?.to_user ?? '', caller);
      if (!known) throw new AppError('request.not_found');
      const row = await database.transaction(async (tx) => {
        if (!(await endLoan(tx, id, caller.userId, new Date(clock.now()))))
          throw new AppError('request.conflict', { detail: 'it has ended' });
        const after = await loanById(tx, id);
        if (!after) throw new AppError('internal');
        await audit.record(tx, {
          by: caller,
          action: 'delegation.end',
          object: { type: 'account', id: after.to_user, name: after.to_username },
          after: { id, kind: after.kind, from: after.from_username },
          reason: reason ?? null,
        });
        return after;
      });
      changed(row);
      return dto(row);
    },

    async colleagues(caller, text) {
      const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
      // Who else has an account is nobody's business beyond the own house.
      const house = world.agencies.subtree(caller.agencyId === null ? [] : [caller.agencyId]);
      const rows = await colleagues(database, pattern, [...house], caller.userId, 50);
      return rows.map((row) => ({
        username: row.username,
        displayName: row.display_name,
        agencyId: row.agency_id,
      }));
    },
  };
}
