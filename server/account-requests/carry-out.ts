import type { GrantDto, GrantInput } from '../../core/api/auth.ts';
import { AppError } from '../../core/errors.ts';
import type { AuditEntry, Tx } from '../../core/ports.ts';
import type { AccountActs, Announce, FirstPassword, Standing } from '../accounts/index.ts';
import type { RequestRow } from './sql/requests.ts';

/** What was done: how to announce it after the commit, and what the audit trail keeps. */
export interface Done {
  announce: Announce;
  entries: AuditEntry[];
}

const factsOf = (account: Standing | undefined) =>
  account && {
    status: account.status,
    agencyId: account.agencyId,
    grants: account.grants.map(({ id: _id, ...grant }) => grant),
  };

const ACTION = {
  grant: 'account.create',
  change: 'account.grants',
  lock: 'account.lock',
  unlock: 'account.unlock',
  revoke: 'account.revoke',
} as const;

/** Runs one account act and notes what the account was before and is after. */
export async function audited(
  tx: Tx,
  acts: Pick<AccountActs, 'standings'>,
  what: { by: AuditEntry['by']; action: AuditEntry['action']; userId: string; reason: string },
  act: () => Promise<Announce>,
): Promise<Done> {
  const { by, action, userId, reason } = what;
  const before = (await acts.standings(tx, [userId])).get(userId);
  const announce = await act();
  const after = (await acts.standings(tx, [userId])).get(userId);
  const entry: AuditEntry = {
    by,
    action,
    object: { type: 'account', id: userId, name: after?.username ?? null },
    place: { areaId: null, domain: null, agencyId: after?.agencyId ?? null },
    before: factsOf(before) ?? null,
    after: factsOf(after) ?? null,
    reason,
  };
  return { announce, entries: [entry] };
}

/** Does what an approved request asks for, in its transaction. `first` is there for a new account only. */
export async function carryOut(
  tx: Tx,
  acts: AccountActs,
  row: RequestRow,
  by: AuditEntry['by'],
  first: FirstPassword | undefined,
): Promise<Done & { userId: string }> {
  const { action, grants, id } = row;
  const reason = `${row.document_number ?? ''} (#${id})`.trim();
  if (action === 'grant') {
    if (!grants || (row.kind === 'person' && !first)) throw new AppError('internal');
    const { username, display_name: displayName, agency_id: agencyId } = row;
    const { userId, announce } = await acts.create(
      tx,
      { username, displayName, agencyId, grants },
      first ?? null,
      id,
    );
    const made = await audited(
      tx,
      acts,
      { by, action: ACTION[action], userId, reason },
      async () => announce,
    );
    return { userId, announce, entries: made.entries.map((entry) => ({ ...entry, before: null })) };
  }
  const { user_id: userId } = row;
  if (userId === null) throw new AppError('internal');
  const why = `account request ${id}`;
  const change = { grants: grants ?? [], ...(row.sets_agency ? { agencyId: row.agency_id } : {}) };
  const run = {
    change: () => acts.replaceGrants(tx, userId, change, id),
    lock: () => acts.setStatus(tx, userId, 'locked', why),
    unlock: () => acts.setStatus(tx, userId, 'active', why),
    revoke: () => acts.setStatus(tx, userId, 'revoked', why),
  };
  return {
    userId,
    ...(await audited(tx, acts, { by, action: ACTION[action], userId, reason }, run[action])),
  };
}

/**
 * Takes back what was carried out at once and then refused. What has changed since by another request stays: an
 * account that is no longer locked has nothing to be opened, a grant that has ended meanwhile is not given again.
 */
export async function undo(
  tx: Tx,
  acts: AccountActs,
  row: RequestRow,
  by: AuditEntry['by'],
  nowMs: number,
): Promise<Done | undefined> {
  const { user_id: userId } = row;
  const target = userId === null ? undefined : (await acts.standings(tx, [userId])).get(userId);
  if (!target || target.status === 'revoked') return undefined;
  const reason = `#${row.id}`;
  if (row.action === 'lock') {
    if (target.status !== 'locked') return undefined;
    return audited(tx, acts, { by, action: 'account.unlock', userId: target.id, reason }, () =>
      acts.setStatus(tx, target.id, 'active', `account request ${row.id} refused`),
    );
  }
  const back = (row.taken ?? []).filter(
    ({ validTo }) => validTo === undefined || Date.parse(validTo) > nowMs,
  );
  if (back.length === 0) return undefined;
  return audited(tx, acts, { by, action: 'account.grants', userId: target.id, reason }, () =>
    acts.giveBack(tx, target.id, back, row.id),
  );
}

/** A grant that stands, as it would be asked for. */
export function asInput(grant: GrantDto, nowMs: number): GrantInput {
  const { role, agencies, areaIds, domains, maxClass, validFrom, validTo } = grant;
  return {
    role,
    agencies,
    areaIds,
    domains,
    maxClass,
    ...(validFrom !== null && Date.parse(validFrom) > nowMs ? { validFrom } : {}),
    ...(validTo === null ? {} : { validTo }),
  };
}
