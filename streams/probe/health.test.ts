import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAMERA_REASONS } from '../../core/camera-reasons.ts';
import type { FailureCode } from '../failure.ts';
import { type HealthEvent, type HealthMemory, observe, unknownHealth } from './health.ts';

function run(events: readonly (readonly [number, HealthEvent])[]): HealthMemory {
  return events.reduce((memory, [at, event]) => observe(memory, event, at), unknownHealth(0));
}
const picture: HealthEvent = { type: 'picture' };
const failed = (code: FailureCode): HealthEvent => ({ type: 'failed', code });

const FAILURE_CODES = Object.keys(CAMERA_REASONS).filter((code): code is FailureCode => code !== 'flapping');

describe('the health of a camera', () => {
  it('goes online with the first picture and remembers it', () => {
    const { verdict } = run([
      [5, { type: 'picture', details: { codec: 'h264', width: 640, height: 360 } }],
      [9, { type: 'answered' }],
    ]);
    expect(verdict).toMatchObject({
      state: 'online',
      reason: null,
      sinceMs: 5,
      lastFrameAtMs: 5,
      codec: 'h264',
      width: 640,
    });
  });

  it('is degraded by one failure and offline by two, with the time of the last frame', () => {
    const one = run([
      [5, picture],
      [10, { type: 'failed', code: 'no_frames', lastFrameAtMs: 8 }],
    ]);
    expect(one.verdict).toMatchObject({
      state: 'degraded',
      reason: 'no_frames',
      sinceMs: 10,
      lastFrameAtMs: 8,
    });
    const two = observe(one, failed('unreachable'), 12);
    expect(two.verdict).toMatchObject({
      state: 'offline',
      reason: 'unreachable',
      sinceMs: 12,
      lastFrameAtMs: 8,
    });
    expect(observe(two, picture, 20).verdict).toMatchObject({
      state: 'online',
      reason: null,
      lastFrameAtMs: 20,
    });
  });

  it('needs one refused credential only, and one failure of a camera that never worked', () => {
    expect(
      run([
        [5, picture],
        [6, failed('auth_failed')],
      ]).verdict.state,
    ).toBe('auth_failed');
    expect(run([[5, failed('unreachable')]]).verdict.state).toBe('offline');
    expect(run([[5, failed('unsupported')]]).verdict.state).toBe('degraded');
  });

  it('does not blame the camera for failures of ours', () => {
    const good = run([[5, picture]]);
    for (const code of ['media_server', 'media_off', 'busy'] as const)
      expect(observe(good, failed(code), 10)).toBe(good);
  });

  it('calls it flapping after three breaks, until two quiet minutes have passed', () => {
    let memory = unknownHealth(0);
    for (let i = 1; i <= 3; i++) {
      memory = observe(memory, picture, i * 10_000);
      memory = observe(memory, failed('unreachable'), i * 10_000 + 2000);
    }
    memory = observe(memory, picture, 40_000);
    expect(memory.verdict).toMatchObject({ state: 'degraded', reason: 'flapping' });
    memory = observe(memory, picture, 32_000 + 119_000);
    expect(memory.verdict.reason).toBe('flapping');
    memory = observe(memory, picture, 32_000 + 120_000);
    expect(memory.verdict).toMatchObject({ state: 'online', reason: null });
  });

  it('never says online without a sign of life, and never forgets the last frame', () => {
    const event = fc.oneof(
      fc.constant(picture),
      fc.constant<HealthEvent>({ type: 'answered' }),
      fc.constantFrom(...FAILURE_CODES).map(failed),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let memory = unknownHealth(0);
        let last: number | null = null;
        for (const [index, next] of events.entries()) {
          memory = observe(memory, next, index + 1);
          if (next.type === 'picture') last = index + 1;
          expect(memory.verdict.lastFrameAtMs).toBe(last);
          expect(memory.verdict.state === 'online').toBe(
            memory.verdict.state === 'online' && memory.failures === 0,
          );
          if (memory.verdict.state === 'online') expect(memory.verdict.reason).toBeNull();
          expect(memory.breaks.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
