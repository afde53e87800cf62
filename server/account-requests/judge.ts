import {
  type RequestStep,
  type StepActor,
  stepRefusal,
  stepsFrom,
} from '../../core/account-request-state.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, can, decidingGrant, type Permission } from '../../core/permissions.ts';
import type { AuditActor } from '../../core/ports.ts';
import type { AccountActs, Standing } from '../accounts/index.ts';
import type { Hand, RequestRow } from './sql/requests.ts';

const STEP_PERMISSION: Readonly<Record<RequestStep, Permission | null>> = {
  submit: 'accounts.request',
  act_at_once: 'accounts.lock',
  // Of whoever filed it; a document also of whoever checks, for the shift that locked may be off duty.
  document: null,
  resubmit: null,
  withdraw: null,
  check: 'accounts.check',
  return: 'accounts.check',
  approve: 'accounts.decide',
  refuse: 'accounts.decide',
  execute: 'accounts.execute',
  confirm: 'accounts.execute',
};

/** Who does it, and for whom when only a lent grant allows it. */
export function handOf(caller: Caller, permission: Permission | null): Hand {
  const lender = permission === null ? null : (decidingGrant(caller, permission)?.delegatedFrom ?? null);
  return {
    id: caller.userId,
    name: caller.username,
    forId: lender?.userId ?? null,
    forName: lender?.username ?? null,
  };
}

/** The same for the audit trail. */
export const actorOf = (caller: Caller, { forId, forName }: Hand): AuditActor => ({
  ...caller,
  ...(forId === null || forName === null ? {} : { onBehalfOf: { userId: forId, username: forName } }),
});

const actor = (hand: Hand): StepActor => ({ userId: hand.id, onBehalfOf: hand.forId });

const peopleOf = (row: RequestRow) => ({
  submittedBy: { userId: row.submitted_by, onBehalfOf: row.submitted_for },
  subjectId: row.user_id,
});

const isAsker = (caller: Caller, row: RequestRow): boolean =>
  caller.userId === row.submitted_by || caller.userId === row.submitted_for;

/** Who may see a request and take its steps. */
export interface Judge {
  /** A permission, and an account and grants within what it reaches. */
  covers(caller: Caller, permission: Permission, row: RequestRow, target: Standing | undefined): boolean;
  /** Whoever filed it, and whoever reads accounts like this one. */
  isVisible(caller: Caller, row: RequestRow, target: Standing | undefined): boolean;
  mayFile(caller: Caller, row: RequestRow, target: Standing | undefined): boolean;
  /** Throws `auth.forbidden` or `account_request.own`; answers with who is taking the step. */
  check(caller: Caller, step: RequestStep, row: RequestRow, target: Standing | undefined): Hand;
  /** Steps the caller may take now. */
  allowed(caller: Caller, row: RequestRow, target: Standing | undefined): RequestStep[];
}

export function createJudge({ mayManage }: Pick<AccountActs, 'mayManage'>): Judge {
  const covers: Judge['covers'] = (caller, permission, row, target) => {
    if (!can(caller, permission)) return false;
    // Who had asked for an account that was never made is judged by what was asked for.
    const today = target && mayManage(caller, target.limits, target.agencyId, permission);
    if (target && !today) return false;
    const agencyId = row.action === 'grant' || row.sets_agency ? row.agency_id : (target?.agencyId ?? null);
    return !row.grants?.length || mayManage(caller, row.grants, agencyId, permission);
  };
  const mayFile: Judge['mayFile'] = (caller, row, target) =>
    isAsker(caller, row) || covers(caller, 'accounts.check', row, target);

  const permitted = (caller: Caller, step: RequestStep, row: RequestRow, target: Standing | undefined) => {
    const permission = STEP_PERMISSION[step];
    if (permission !== null) return covers(caller, permission, row, target);
    return step === 'document' ? mayFile(caller, row, target) : isAsker(caller, row);
  };

  return {
    covers,
    mayFile,
    isVisible: (caller, row, target) => isAsker(caller, row) || covers(caller, 'accounts.read', row, target),
    check(caller, step, row, target) {
      const hand = handOf(caller, STEP_PERMISSION[step]);
      if (!permitted(caller, step, row, target)) throw new AppError('auth.forbidden');
      const refusal = stepRefusal(step, peopleOf(row), actor(hand));
      if (refusal === 'not_yours') throw new AppError('auth.forbidden');
      if (refusal !== undefined) throw new AppError('account_request.own', { data: { reason: refusal } });
      return hand;
    },
    allowed: (caller, row, target) =>
      stepsFrom(row).filter(
        (step) =>
          permitted(caller, step, row, target) &&
          stepRefusal(step, peopleOf(row), actor(handOf(caller, STEP_PERMISSION[step]))) === undefined,
      ),
  };
}
