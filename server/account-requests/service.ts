import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { nextRequestStatus, type RequestStep } from '../../core/account-request-state.ts';
import type {
  AccountRequest,
  AccountRequestAmend,
  AccountRequestCreate,
  AccountRequestDetail,
  AccountRequestDocument,
  AccountRequestExecuted,
  AccountRequestQuery,
  RequestScan,
  StepConfirm,
} from '../../core/api/account-requests.ts';
import type { GrantInput } from '../../core/api/auth.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { AuditEntry, AuditTrail, Database, Tx } from '../../core/ports.ts';
import type { AccountActs, Announce, FirstPassword, Standing } from '../accounts/index.ts';
import { encodeCursor } from '../http/index.ts';
import { asInput, audited, carryOut, undo } from './carry-out.ts';
import { requestDto, scanDto, stepDto } from './dto.ts';
import { actorOf, createJudge, handOf, type Judge } from './judge.ts';
import { scanName, scanTypeOf } from './scan-type.ts';
import type { AccountRequestSettings } from './settings.ts';
import * as q from './sql/requests.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
/** States in which the document may still be completed. */
const FILING = ['awaiting_document', 'submitted', 'returned'];

/** What a step does besides moving the request on. */
interface Work {
  change?: q.RequestChange;
  announce?: Announce | undefined;
  entries?: AuditEntry[];
}

interface StepInput {
  note?: string | undefined;
  change?: q.RequestChange;
}

export interface AccountRequests {
  list(
    caller: Caller,
    query: AccountRequestQuery,
    before: number | null,
  ): Promise<{
    items: AccountRequest[];
    nextCursor: string | null;
  }>;
  get(caller: Caller, id: number): Promise<AccountRequestDetail>;
  submit(caller: Caller, input: AccountRequestCreate): Promise<AccountRequestDetail>;
  /** Locks an account now; its document is due within hours. Answers as the request that this makes. */
  lockAtOnce(caller: Caller, userId: string, reason: string): Promise<AccountRequestDetail>;
  /** Ends one grant now, as part of a review; `inTx` belongs to the same act. */
  withdrawAtOnce(
    caller: Caller,
    grantId: number,
    target: Standing,
    reason: string,
    inTx: (tx: Tx, requestId: number) => Promise<void>,
  ): Promise<AccountRequestDetail>;
  document(
    caller: Caller,
    id: number,
    input: z.output<typeof AccountRequestDocument>,
  ): Promise<AccountRequestDetail>;
  resubmit(
    caller: Caller,
    id: number,
    input: z.output<typeof AccountRequestAmend>,
  ): Promise<AccountRequestDetail>;
  step(
    caller: Caller,
    id: number,
    step: 'check' | 'return' | 'approve' | 'refuse' | 'withdraw',
    note: string | undefined,
  ): Promise<AccountRequestDetail>;
  execute(caller: Caller, id: number, note: string | undefined): Promise<AccountRequestExecuted>;
  confirm(caller: Caller, id: number, input: z.output<typeof StepConfirm>): Promise<AccountRequestDetail>;
  addScan(caller: Caller, id: number, name: string, content: Buffer): Promise<RequestScan>;
  scan(
    caller: Caller,
    id: number,
    scanId: string,
  ): Promise<{ name: string; mediaType: string; content: Buffer }>;
}

export function createAccountRequests(options: {
  database: Database;
  audit: AuditTrail;
  clock: Clock;
  acts: AccountActs;
  settings: AccountRequestSettings;
  timeZone: string;
}): AccountRequests & { judge: Judge } {
  const { database, audit, clock, acts, settings, timeZone } = options;
  const judge = createJudge(acts);
  const now = () => new Date(clock.now());
  const notFound = () => new AppError('request.not_found');

  const targetOf = async (db: Database | Tx, userId: string | null): Promise<Standing | undefined> =>
    userId === null ? undefined : (await acts.standings(db, [userId])).get(userId);

  /** The request, if the caller may know of it. */
  const seen = async (db: Database | Tx, caller: Caller, row: q.RequestRow | undefined) => {
    const target = row && (await targetOf(db, row.user_id));
    if (!row || !judge.isVisible(caller, row, target)) throw notFound();
    return { row, target };
  };

  const detail = async (caller: Caller, id: number): Promise<AccountRequestDetail> => {
    const { row, target } = await seen(database, caller, await q.requestById(database, id));
    return {
      ...requestDto(row, target, clock.now()),
      steps: (await q.stepsOf(database, [id])).map(stepDto),
      files: (await q.scansOf(database, id)).map(scanDto),
      heldGrants: target?.grants ?? [],
      allowed: judge.allowed(caller, row, target),
    };
  };

  const checkDate = (date: string | undefined) => {
    if (date !== undefined && Date.parse(date) > clock.now() + DAY_MS)
      throw new AppError('request.invalid', { detail: 'body.documentDate: lies in the future' });
  };

  /** Takes one step of a request in one transaction; what it does besides comes before the status is written. */
  const take = async (
    caller: Caller,
    id: number,
    step: RequestStep,
    { note, change = {} }: StepInput,
    work?: (tx: Tx, row: q.RequestRow, target: Standing | undefined) => Promise<Work | undefined>,
  ): Promise<void> => {
    const at = now();
    const announce = await database.transaction(async (tx) => {
      const { row, target } = await seen(tx, caller, await q.lockRequest(tx, id));
      const hand = judge.check(caller, step, row, target);
      const status = nextRequestStatus(row, step);
      const done = await work?.(tx, row, target);
      await q.updateRequest(tx, id, status, { ...change, ...done?.change }, at);
      await q.insertStep(tx, id, step, hand, note ?? null, at);
      await audit.record(tx, ...(done?.entries ?? []), {
        by: actorOf(caller, hand),
        action: 'account_request.step',
        object: objectOf(id, row.username),
        place: placeOf(row, target),
        after: {
          step,
          state: status.state,
          documentNumber: change.documentNumber,
          replyNumber: change.replyNumber,
        },
        reason: note ?? null,
      });
      return done?.announce;
    });
    announce?.();
  };

  const needsScan = (row: q.RequestRow) => {
    if (row.scans === 0) throw new AppError('account_request.no_scan');
  };

  const checkAsked = async (caller: Caller, grants: readonly GrantInput[], agencyId: string | null) => {
    acts.checkAgency(agencyId);
    await acts.checkGrants(database, grants, agencyId);
    if (!acts.mayManage(caller, grants, agencyId, 'accounts.request'))
      throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
  };

  /** Throws `request.conflict` for an act that would change nothing, or that a closed account no longer takes. */
  const checkSensible = (action: AccountRequestCreate['action'], { status }: Standing) => {
    const wanted = {
      lock: ['active'],
      unlock: ['locked'],
      change: ['active', 'locked'],
      revoke: ['active', 'locked'],
    };
    if (action !== 'grant' && !wanted[action].includes(status))
      throw new AppError('request.conflict', { detail: `the account is ${status}` });
  };

  const askedOf = async (caller: Caller, input: AccountRequestCreate) => {
    if (input.action === 'grant') {
      const agencyId = input.agencyId ?? null;
      await checkAsked(caller, input.grants, agencyId);
      if (await acts.isTaken(database, input.username))
        throw new AppError('request.conflict', { detail: 'the user name is taken' });
      const { kind, username, displayName, grants } = input;
      return { userId: null, kind, username, displayName, agencyId, setsAgency: false, grants };
    }
    const target = await targetOf(database, input.userId);
    if (!target || !acts.mayManage(caller, target.limits, target.agencyId, 'accounts.request'))
      throw notFound();
    checkSensible(input.action, target);
    const setsAgency = input.action === 'change' && input.agencyId !== undefined;
    const agencyId =
      input.action === 'change' && input.agencyId !== undefined ? input.agencyId : target.agencyId;
    if (input.action === 'change') await checkAsked(caller, input.grants, agencyId);
    const { id: userId, kind, username, displayName } = target;
    const grants = input.action === 'change' ? input.grants : null;
    return { userId, kind, username, displayName, agencyId, setsAgency, grants };
  };

  const atOnce = async (
    caller: Caller,
    target: Standing,
    request: {
      action: 'lock' | 'change';
      permission: 'accounts.lock' | 'accounts.review';
      reason: string;
      grants: GrantInput[] | null;
      taken: GrantInput[] | null;
    },
    act: (
      tx: Tx,
      requestId: number,
      by: AuditEntry['by'],
    ) => Promise<Required<Pick<Work, 'entries'>> & { announce: Announce }>,
  ): Promise<AccountRequestDetail> => {
    if (target.id === caller.userId)
      throw new AppError('account_request.own', { data: { reason: 'own_account' } });
    const at = now();
    const { action, permission, reason, grants, taken } = request;
    const by = handOf(caller, permission);
    const { id, announce } = await database.transaction(async (tx) => {
      const made = await q.insertRequest(tx, {
        action,
        status: nextRequestStatus(null, 'act_at_once'),
        atOnce: { documentDueAt: new Date(at.getTime() + settings.emergencyDocumentHours * HOUR_MS) },
        requesterKind: 'managing_unit',
        requesterName: caller.displayName,
        document: null,
        reason,
        userId: target.id,
        kind: target.kind,
        username: target.username,
        displayName: target.displayName,
        agencyId: target.agencyId,
        setsAgency: false,
        grants,
        taken,
        by,
        at,
      });
      if (made === undefined) throw new AppError('internal');
      await q.insertStep(tx, made, 'act_at_once', by, reason, at);
      const who = actorOf(caller, by);
      const { announce, entries } = await act(tx, made, who);
      await audit.record(tx, ...entries, {
        by: who,
        action: 'account_request.submit',
        object: objectOf(made, target.username),
        place: { areaId: null, domain: null, agencyId: target.agencyId },
        after: { action, atOnce: true, grants, taken },
        reason,
      });
      return { id: made, announce };
    });
    announce();
    return detail(caller, id);
  };

  return {
    judge,
    get: detail,

    async list(caller, query, before) {
      const items: AccountRequest[] = [];
      let from = before;
      // Rows are read until a page of visible ones is full: what is within one's grants is judged row by row.
      for (;;) {
        const { limit } = query;
        const rows = await q.listRequests(database, query, { before: from, limit, timeZone, at: now() });
        const targets = await acts.standings(
          database,
          rows.flatMap((row) => row.user_id ?? []),
        );
        for (const row of rows) {
          from = row.id;
          const target = row.user_id === null ? undefined : targets.get(row.user_id);
          if (judge.isVisible(caller, row, target)) items.push(requestDto(row, target, clock.now()));
          if (items.length === limit) return { items, nextCursor: encodeCursor([row.id]) };
        }
        if (rows.length < limit) return { items, nextCursor: null };
      }
    },

    async submit(caller, input) {
      checkDate(input.documentDate);
      const asked = await askedOf(caller, input);
      const at = now();
      const by = handOf(caller, 'accounts.request');
      const id = await database.transaction(async (tx) => {
        const made = await q.insertRequest(tx, {
          action: input.action,
          status: nextRequestStatus(null, 'submit'),
          atOnce: null,
          requesterKind: input.requesterKind,
          requesterName: input.requesterName,
          document: { number: input.documentNumber, date: input.documentDate },
          reason: input.reason,
          ...asked,
          taken: null,
          by,
          at,
        });
        if (made === undefined)
          throw new AppError('request.conflict', { detail: 'an open request asks for this user name' });
        await q.insertStep(tx, made, 'submit', by, null, at);
        await audit.record(tx, {
          by: actorOf(caller, by),
          action: 'account_request.submit',
          object: objectOf(made, asked.username),
          place: { areaId: null, domain: null, agencyId: asked.agencyId },
          after: {
            action: input.action,
            grants: asked.grants,
            requester: `${input.requesterKind}: ${input.requesterName}`,
            documentNumber: input.documentNumber,
            documentDate: input.documentDate,
          },
          reason: input.reason,
        });
        return made;
      });
      return detail(caller, id);
    },

    async lockAtOnce(caller, userId, reason) {
      const target = await targetOf(database, userId);
      if (!target || !acts.mayManage(caller, target.limits, target.agencyId, 'accounts.lock'))
        throw notFound();
      checkSensible('lock', target);
      const request = {
        action: 'lock',
        permission: 'accounts.lock',
        reason,
        grants: null,
        taken: null,
      } as const;
      return atOnce(caller, target, request, (tx, id, by) =>
        audited(tx, acts, { by, action: 'account.lock', userId, reason }, () =>
          acts.setStatus(tx, userId, 'locked', `account request ${id}`),
        ),
      );
    },

    async withdrawAtOnce(caller, grantId, target, reason, inTx) {
      const input = (wanted: boolean) =>
        target.grants
          .filter((grant) => (grant.id === grantId) === wanted)
          .map((grant) => asInput(grant, clock.now()));
      return atOnce(
        caller,
        target,
        { action: 'change', permission: 'accounts.review', reason, grants: input(false), taken: input(true) },
        async (tx, id, by) => {
          const done = await audited(
            tx,
            acts,
            { by, action: 'account.grants', userId: target.id, reason },
            () => acts.withdrawGrant(tx, target.id, grantId, `account request ${id}`),
          );
          await inTx(tx, id);
          return done;
        },
      );
    },

    async document(caller, id, { note, ...document }) {
      checkDate(document.documentDate);
      const change = { ...document, documentedAt: now() };
      await take(caller, id, 'document', { note, change }, async (_tx, row) => {
        needsScan(row);
        return undefined;
      });
      return detail(caller, id);
    },

    async resubmit(caller, id, { note, ...change }) {
      checkDate(change.documentDate);
      await take(caller, id, 'resubmit', { note, change }, async (tx, row, target) => {
        if (change.grants === undefined) return undefined;
        if (row.grants === null || row.at_once)
          throw new AppError('request.invalid', { detail: 'body.grants: this request asks for none' });
        const agencyId =
          row.action === 'grant' || row.sets_agency ? row.agency_id : (target?.agencyId ?? null);
        if (!acts.mayManage(caller, change.grants, agencyId, 'accounts.request'))
          throw new AppError('auth.forbidden', { detail: 'grants beyond your own' });
        await acts.checkGrants(tx, change.grants, agencyId);
        return undefined;
      });
      return detail(caller, id);
    },

    async step(caller, id, step, note) {
      await take(caller, id, step, { note }, async (tx, row) => {
        if (step === 'check') needsScan(row);
        return step === 'refuse' && row.done
          ? await undo(tx, acts, row, actorOf(caller, handOf(caller, 'accounts.decide')), clock.now())
          : undefined;
      });
      return detail(caller, id);
    },

    async execute(caller, id, note) {
      const { row } = await seen(database, caller, await q.requestById(database, id));
      let first: FirstPassword | undefined;
      // Only for a step that will be taken: hashing costs.
      if (row.action === 'grant' && row.kind === 'person' && row.state === 'approved')
        first = await acts.firstPassword(row.username);
      await take(caller, id, 'execute', { note }, async (tx, locked) => {
        const by = actorOf(caller, handOf(caller, 'accounts.execute'));
        const { userId, announce, entries } = await carryOut(tx, acts, locked, by, first);
        return { change: { userId }, announce, entries };
      });
      const answer = await detail(caller, id);
      return first ? { ...answer, password: first.password } : answer;
    },

    async confirm(caller, id, { note, replyNumber }) {
      await take(caller, id, 'confirm', { note, change: { replyNumber } });
      return detail(caller, id);
    },

    async addScan(caller, id, name, content) {
      const { row, target } = await seen(database, caller, await q.requestById(database, id));
      if (!judge.mayFile(caller, row, target)) throw new AppError('auth.forbidden');
      const mediaType = scanTypeOf(content);
      const at = now();
      const by = handOf(caller, null);
      const scan = {
        id: randomBytes(12).toString('base64url'),
        name: scanName(name, mediaType),
        mediaType,
        sha256: createHash('sha256').update(content).digest(),
        content,
        by,
        at,
      };
      await database.transaction(async (tx) => {
        const locked = await q.lockRequest(tx, id);
        if (!locked || !FILING.includes(locked.state))
          throw new AppError('account_request.illegal_step', {
            detail: 'scans are added before the request is checked',
          });
        if (locked.scans >= settings.scansMax)
          throw new AppError('request.conflict', { detail: `at most ${settings.scansMax} scans` });
        await q.insertScan(tx, id, scan);
        await audit.record(tx, {
          by: caller,
          action: 'account_request.scan',
          object: objectOf(id, row.username),
          place: placeOf(row, target),
          after: { name: scan.name, sizeBytes: content.length, sha256: scan.sha256.toString('hex') },
        });
      });
      const made = (await q.scansOf(database, id)).find((one) => one.id === scan.id);
      if (!made) throw new AppError('internal');
      return scanDto(made);
    },

    async scan(caller, id, scanId) {
      const { row, target } = await seen(database, caller, await q.requestById(database, id));
      const found = await q.scanContent(database, id, scanId);
      if (!found) throw notFound();
      // What nobody can write down, nobody is shown.
      await audit.note(
        {
          by: caller,
          action: 'account_request.scan_read',
          object: objectOf(id, row.username),
          place: placeOf(row, target),
          after: { name: found.name },
        },
        { must: true },
      );
      return { name: found.name, mediaType: found.media_type, content: found.content };
    },
  };
}

const objectOf = (id: number, name: string) => ({ type: 'account_request', id: String(id), name }) as const;

const placeOf = (row: q.RequestRow, target: Standing | undefined) => ({
  areaId: null,
  domain: null,
  agencyId: target?.agencyId ?? row.agency_id,
});
