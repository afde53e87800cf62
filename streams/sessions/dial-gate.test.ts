import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAMERA_REASONS } from '../../core/camera-reasons.ts';
import { seededRandom } from '../../core/clock.ts';
import type { FailureCode } from '../failure.ts';
import { afterFailure, createDialGates, type DialGate, OPEN_GATE } from './dial-gate.ts';

const limits = { retryMinMs: 5000, retryMaxMs: 60_000 };
const steady = { next: () => 0 };

const FAILURE_CODES = Object.keys(CAMERA_REASONS).filter((code): code is FailureCode => code !== 'flapping');

describe('the dial gate', () => {
  it('doubles the pause from five seconds to a minute', () => {
    let gate: DialGate = OPEN_GATE;
    const pauses: number[] = [];
    for (let i = 0; i < 6; i++) {
      gate = afterFailure(gate, 'unreachable', 0, limits, steady);
      pauses.push(gate.openAtMs);
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('lets a wrong password be tried three times and then waits a minute and more', () => {
    let gate: DialGate = OPEN_GATE;
    const pauses: number[] = [];
    for (let i = 0; i < 6; i++) {
      gate = afterFailure(gate, 'auth_failed', 0, { retryMinMs: 100, retryMaxMs: 1000 }, steady);
      pauses.push(gate.openAtMs);
    }
    expect(pauses).toEqual([100, 200, 60_000, 120_000, 300_000, 300_000]);
  });

  it('adds at most a quarter by chance, never shortens, and stays within its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...FAILURE_CODES), { maxLength: 40 }),
        fc.integer(),
        (codes, seed) => {
          const random = seededRandom(seed);
          let gate: DialGate = OPEN_GATE;
          for (const code of codes) {
            const next = afterFailure(gate, code, 1000, limits, random);
            const pause = next.openAtMs - 1000;
            expect(pause).toBeGreaterThanOrEqual(next.failures === gate.failures ? 300 : limits.retryMinMs);
            expect(pause).toBeLessThanOrEqual(300_000 * 1.25);
            if (next.refusals < 3) expect(pause).toBeLessThanOrEqual(limits.retryMaxMs * 1.25);
            gate = next;
          }
        },
      ),
    );
  });

  it('dials a camera that flaps every two seconds for ten minutes no more than once in five seconds, then less', () => {
    let now = 0;
    const gates = createDialGates({ monotonic: () => now, random: steady, limits });
    const dials: number[] = [];
    let turn = 0;
    while (now < 600_000) {
      dials.push(now);
      // Up at every third dial, and broken two seconds later each time.
      if (turn++ % 3 === 0) gates.succeeded('c');
      now += 2000;
      gates.failed('c', 'unreachable');
      now += gates.waitMs('c');
    }
    const pauses = dials.slice(1).map((at, i) => at - (dials[i] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(7000);
    expect(dials.length).toBeLessThan(50);
  });

  it('forgives half at each success and tries at once after a long good run', () => {
    let now = 0;
    const gates = createDialGates({ monotonic: () => now, random: steady, limits });
    for (let i = 0; i < 4; i++) gates.failed('c', 'timeout');
    expect(gates.waitMs('c')).toBe(40_000);
    gates.succeeded('c');
    expect(gates.waitMs('c')).toBe(0);
    gates.failed('c', 'timeout');
    expect(gates.waitMs('c')).toBe(20_000);
    gates.brokeAfterStableRun('c', 'no_frames');
    expect(gates.waitMs('c')).toBe(1000);
    now += 1000;
    expect(gates.waitMs('c')).toBe(0);
    expect(gates.lastCode('c')).toBe('no_frames');
  });
});
