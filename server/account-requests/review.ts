import type { AccessReview, AccountRequestDetail, ReviewGrant } from '../../core/api/account-requests.ts';
import type { GrantDto } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditTrail, Database } from '../../core/ports.ts';
import type { AccountActs, Standing } from '../accounts/index.ts';
import { actorOf, handOf } from './judge.ts';
import type { AccountRequests } from './service.ts';
import type { AccountRequestSettings } from './settings.ts';
import { grantRecords, insertReview } from './sql/reviews.ts';

const DAY_MS = 86_400_000;

/** The yearly look at who holds what: each grant is confirmed or withdrawn, one by one. */
export interface Reviews {
  /** Grants that stand, within the caller's; `due` leaves only those that nobody has confirmed in time. */
  list(caller: Caller, due: boolean): Promise<AccessReview>;
  confirm(caller: Caller, grantId: number, note: string | undefined): Promise<ReviewGrant>;
  /** Ends the grant at once and answers with the request that this makes, whose document is still due. */
  withdraw(caller: Caller, grantId: number, reason: string): Promise<AccountRequestDetail>;
}

export function createReviews(options: {
  database: Database;
  audit: AuditTrail;
  clock: Clock;
  acts: AccountActs;
  requests: AccountRequests;
  settings: AccountRequestSettings;
}): Reviews {
  const { database, audit, clock, acts, requests, settings } = options;

  const itemsOf = async (held: readonly { account: Standing; grant: GrantDto }[]) => {
    const ids = held.map(({ grant }) => grant.id);
    const records = new Map((await grantRecords(database, ids)).map((record) => [record.grant_id, record]));
    return held.flatMap(({ account, grant }): ReviewGrant[] => {
      const record = records.get(grant.id);
      if (!record) return [];
      const dueMs = (record.confirmed_at ?? record.given_at).getTime() + settings.reviewDays * DAY_MS;
      return [
        {
          grant,
          userId: account.id,
          username: account.username,
          displayName: account.displayName,
          agencyId: account.agencyId,
          status: account.status,
          basisRequestId: record.basis_request_id,
          basisDocument: record.basis_document,
          givenAt: record.given_at.toISOString(),
          confirmedAt: record.confirmed_at?.toISOString() ?? null,
          confirmedBy: record.confirmed_by,
          dueAt: new Date(dueMs).toISOString(),
          due: dueMs <= clock.now(),
        },
      ];
    });
  };

  const reviewable = async (caller: Caller) =>
    (await acts.everybody(database)).flatMap((account) =>
      account.grants
        .filter((grant) => acts.mayManage(caller, [grant], account.agencyId, 'accounts.review'))
        .map((grant) => ({ account, grant })),
    );

  /** One grant within the caller's own, for an act about it. */
  const found = async (caller: Caller, grantId: number) => {
    const held = (await reviewable(caller)).find(({ grant }) => grant.id === grantId);
    if (!held) throw new AppError('request.not_found');
    if (held.account.id === caller.userId)
      throw new AppError('account_request.own', { data: { reason: 'own_account' } });
    return held;
  };

  return {
    async list(caller, due) {
      const items = await itemsOf(await reviewable(caller));
      const late = items.filter((item) => item.due);
      const shown = (due ? late : items).sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
      return { everyDays: settings.reviewDays, total: items.length, due: late.length, items: shown };
    },

    async confirm(caller, grantId, note) {
      const held = await found(caller, grantId);
      const by = handOf(caller, 'accounts.review');
      await database.transaction(async (tx) => {
        const at = new Date(clock.now());
        await insertReview(tx, {
          grantId,
          outcome: 'confirmed',
          by,
          note: note ?? null,
          requestId: null,
          at,
        });
        await audit.record(tx, {
          by: actorOf(caller, by),
          action: 'account.review',
          object: { type: 'account', id: held.account.id, name: held.account.username },
          place: { areaId: null, domain: null, agencyId: held.account.agencyId },
          after: { grantId, role: held.grant.role, outcome: 'confirmed' },
          reason: note ?? null,
        });
      });
      const [item] = await itemsOf([held]);
      if (!item) throw new AppError('request.not_found');
      return item;
    },

    async withdraw(caller, grantId, reason) {
      const { account } = await found(caller, grantId);
      return requests.withdrawAtOnce(caller, grantId, account, reason, (tx, requestId) =>
        insertReview(tx, {
          grantId,
          outcome: 'withdrawn',
          by: handOf(caller, 'accounts.review'),
          note: reason,
          requestId,
          at: new Date(clock.now()),
        }),
      );
    },
  };
}
