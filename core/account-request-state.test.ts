import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextRequestStatus,
  OPEN_REQUEST_STATES,
  REQUEST_STEPS,
  type RequestStatus,
  type RequestStep,
  type StepActor,
  stepRefusal,
  stepsFrom,
} from './account-request-state.ts';
import { isAppError } from './errors.ts';

/**
 * The rules told a second time, from the history: what has happened so far decides, not a table of states.
 */
class Model {
  readonly history: RequestStep[] = [];
  private count(step: RequestStep) {
    return this.history.filter((one) => one === step).length;
  }
  private has(step: RequestStep) {
    return this.history.includes(step);
  }
  get atOnce() {
    return this.has('act_at_once');
  }
  get over() {
    return this.has('confirm') || this.has('refuse') || this.has('withdraw');
  }
  get stands() {
    return !this.has('refuse') && (this.atOnce || this.has('execute'));
  }
  allows(step: RequestStep): boolean {
    if (this.history.length === 0) return step === 'submit' || step === 'act_at_once';
    if (this.over) return false;
    const isIn = this.has('submit') || this.has('document');
    const isBack = this.count('return') > this.count('resubmit');
    const isChecked = this.has('check');
    const isApproved = this.has('approve');
    const rules: Record<RequestStep, boolean> = {
      submit: false,
      act_at_once: false,
      document: this.atOnce && !isIn,
      check: isIn && !isBack && !isChecked,
      return: isIn && !isBack && !isChecked,
      resubmit: isBack,
      approve: isChecked && !isApproved,
      refuse: isChecked && !isApproved,
      execute: isApproved && !this.stands,
      confirm: isApproved && this.stands,
      withdraw: !this.stands,
    };
    return rules[step];
  }
}

const steps = fc.array(fc.constantFrom(...REQUEST_STEPS), { maxLength: 40 });
/** Mostly legal steps, so that runs get far. */
const guided = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...REQUEST_STEPS), fc.nat(9)), { maxLength: 30 });

describe('the life of an account request', () => {
  it('allows exactly what the history allows, whatever is tried', () => {
    const run = (
      choose: (from: RequestStatus | null, n: number) => RequestStep | undefined,
      length: number,
    ) => {
      const model = new Model();
      let status: RequestStatus | null = null;
      for (let n = 0; n < length; n++) {
        const step = choose(status, n);
        if (step === undefined) break;
        if (model.allows(step)) {
          status = nextRequestStatus(status, step);
          model.history.push(step);
          expect(status.done).toBe(model.stands);
          expect(OPEN_REQUEST_STATES.includes(status.state)).toBe(!model.over);
          expect(stepsFrom(status)).toEqual(REQUEST_STEPS.filter((one) => model.allows(one)));
        } else {
          const before: RequestStatus | null = status;
          let error: unknown;
          try {
            nextRequestStatus(before, step);
          } catch (thrown) {
            error = thrown;
          }
          expect(isAppError(error, 'account_request.illegal_step'), `${before?.state} → ${step}`).toBe(true);
        }
      }
      return model;
    };
    fc.assert(fc.property(steps, (chosen) => void run((_from, n) => chosen[n], chosen.length)));
    fc.assert(
      fc.property(guided, (chosen) => {
        run((from, n) => {
          const [pick, wild, luck] = chosen[n] ?? [0, 'submit' as const, 0];
          const legal = from === null ? (['submit', 'act_at_once'] as const) : stepsFrom(from);
          return luck === 0 ? wild : legal[pick % Math.max(1, legal.length)];
        }, chosen.length);
      }),
      { numRuns: 500 },
    );
  });

  it('stands at its end only when somebody approved it who had not asked and whose account it is not', () => {
    const person = fc.constantFrom('an', 'binh', 'chi', 'dung');
    const actor = fc.record({ userId: person, onBehalfOf: fc.option(person) });
    const acts = fc.array(fc.tuple(actor, fc.nat(), fc.boolean()), { minLength: 8, maxLength: 25 });
    let reached = 0;
    fc.assert(
      fc.property(actor, fc.option(person), fc.boolean(), acts, (submittedBy, subjectId, atOnce, tries) => {
        let status = nextRequestStatus(null, atOnce ? 'act_at_once' : 'submit');
        const approvals: StepActor[] = [];
        for (const [who, pick, onward] of tries) {
          const legal = stepsFrom(status).filter((step) => !onward || !/return|refuse|withdraw/.test(step));
          const step = legal[pick % Math.max(1, legal.length)];
          if (step === undefined || stepRefusal(step, { submittedBy, subjectId }, who)) continue;
          if (step === 'approve') approvals.push(who);
          status = nextRequestStatus(status, step);
        }
        if (status.state !== 'executed' && status.state !== 'confirmed') return;
        reached += 1;
        expect(status.done).toBe(true);
        expect(approvals).toHaveLength(1);
        const names = approvals.flatMap((one) => [one.userId, one.onBehalfOf]);
        for (const barred of [submittedBy.userId, submittedBy.onBehalfOf, subjectId])
          if (barred !== null) expect(names).not.toContain(barred);
      }),
      { numRuns: 2000 },
    );
    expect(reached).toBeGreaterThan(20);
  });

  it('lets only who asked put it right and take it back', () => {
    const people = { submittedBy: { userId: 'an', onBehalfOf: 'binh' }, subjectId: 'chi' };
    for (const step of ['resubmit', 'withdraw'] as const) {
      expect(stepRefusal(step, people, { userId: 'an', onBehalfOf: null })).toBeUndefined();
      expect(stepRefusal(step, people, { userId: 'binh', onBehalfOf: null })).toBeUndefined();
      expect(stepRefusal(step, people, { userId: 'chi', onBehalfOf: null })).toBe('not_yours');
    }
  });
});
