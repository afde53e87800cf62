/**
 * The life of one request for an account act: asked for in writing, checked, decided by somebody else, carried out,
 * confirmed to who asked. Two acts only take power away and may be carried out before: the lock by the shift in an
 * emergency, and a grant withdrawn in a review. Their document comes afterwards and the decision is about what was
 * done; refusing it undoes the act.
 */
import { AppError } from './errors.ts';

export const REQUEST_STATES = [
  'awaiting_document',
  'submitted',
  'returned',
  'checked',
  'approved',
  'refused',
  'executed',
  'confirmed',
  'withdrawn',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const REQUEST_STEPS = [
  'submit',
  'act_at_once',
  'document',
  'check',
  'return',
  'resubmit',
  'approve',
  'refuse',
  'execute',
  'confirm',
  'withdraw',
] as const;
export type RequestStep = (typeof REQUEST_STEPS)[number];

export interface RequestStatus {
  state: RequestState;
  /** What is asked for has been carried out and stands. */
  done: boolean;
}

/** States in which somebody still has to do something. */
export const OPEN_REQUEST_STATES: readonly RequestState[] = [
  'awaiting_document',
  'submitted',
  'returned',
  'checked',
  'approved',
  'executed',
];

/**
 * The status after one more step; `null` = there is no request yet. Throws `account_request.illegal_step`.
 */
export function nextRequestStatus(from: RequestStatus | null, step: RequestStep): RequestStatus {
  const to = follow(from, step);
  if (to) return to;
  throw new AppError('account_request.illegal_step', {
    detail: from === null ? `a request does not begin with ${step}` : `${from.state} does not allow ${step}`,
    data: { step, ...(from === null ? {} : { state: from.state, allowed: stepsFrom(from) }) },
  });
}

/** What may follow; who may do it is another question. */
export function stepsFrom(from: RequestStatus): RequestStep[] {
  return REQUEST_STEPS.filter((step) => follow(from, step) !== undefined);
}

function follow(from: RequestStatus | null, step: RequestStep): RequestStatus | undefined {
  if (from === null) {
    if (step === 'submit') return { state: 'submitted', done: false };
    if (step === 'act_at_once') return { state: 'awaiting_document', done: true };
    return undefined;
  }
  const { state, done } = from;
  // What was done already is judged, not taken back by who asked for it.
  if (step === 'withdraw')
    return !done && OPEN_REQUEST_STATES.includes(state) ? { state: 'withdrawn', done: false } : undefined;
  switch (state) {
    case 'awaiting_document':
      return step === 'document' ? { state: 'submitted', done } : undefined;
    case 'submitted':
      if (step === 'check') return { state: 'checked', done };
      if (step === 'return') return { state: 'returned', done };
      return undefined;
    case 'returned':
      return step === 'resubmit' ? { state: 'submitted', done } : undefined;
    case 'checked':
      if (step === 'approve') return done ? { state: 'executed', done } : { state: 'approved', done };
      if (step === 'refuse') return { state: 'refused', done: false };
      return undefined;
    case 'approved':
      return step === 'execute' ? { state: 'executed', done: true } : undefined;
    case 'executed':
      return step === 'confirm' ? { state: 'confirmed', done } : undefined;
    default:
      return undefined;
  }
}

/** Who takes a step: the person, and whoever lent them the power for it. */
export interface StepActor {
  userId: string;
  onBehalfOf: string | null;
}

/** Whose request it is, and whose account it is about. */
export interface RequestPeople {
  submittedBy: StepActor;
  /** Null for an account that is still to be made. */
  subjectId: string | null;
}

export type StepRefusal = 'own_request' | 'own_account' | 'not_yours';

const JUDGED: readonly RequestStep[] = ['check', 'return', 'approve', 'refuse', 'execute'];
const DECIDED: readonly RequestStep[] = ['approve', 'refuse'];
/** Steps of whoever filed the request and nobody else. */
const OWN_STEPS: readonly RequestStep[] = ['resubmit', 'withdraw'];

/**
 * Why somebody may not take a step, permissions aside: who asked does not decide, neither in person nor through
 * powers lent by or to them, and nobody handles a request about their own account.
 */
export function stepRefusal(
  step: RequestStep,
  { submittedBy, subjectId }: RequestPeople,
  actor: StepActor,
): StepRefusal | undefined {
  const involved = [actor.userId, actor.onBehalfOf];
  const asked = [submittedBy.userId, submittedBy.onBehalfOf];
  const isAsker = involved.some((id) => id !== null && asked.includes(id));
  if (JUDGED.includes(step) && subjectId !== null && involved.includes(subjectId)) return 'own_account';
  if (DECIDED.includes(step) && isAsker) return 'own_request';
  if (OWN_STEPS.includes(step) && !isAsker) return 'not_yours';
  return undefined;
}
