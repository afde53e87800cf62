import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IDLE, type SessionEffect, type SessionEvent, type SessionState, step } from './machine.ts';

/** A world around the machine: timers and a process that obey its effects. */
function world() {
  let state: SessionState = IDLE;
  const running = { processes: 0, stopping: false, retry: false, drain: false, spawned: 0 };
  const apply = (effects: readonly SessionEffect[]) => {
    for (const effect of effects) {
      if (effect.type === 'spawn') {
        running.processes++;
        running.spawned++;
      }
      if (effect.type === 'kill') running.stopping = true;
      if (effect.type === 'arm-retry') running.retry = true;
      if (effect.type === 'cancel-retry') running.retry = false;
      if (effect.type === 'arm-drain') running.drain = true;
      if (effect.type === 'cancel-drain') running.drain = false;
    }
  };
  return {
    running,
    get state() {
      return state;
    },
    send(event: SessionEvent) {
      if (event.type === 'exited') {
        if (running.processes === 0) return;
        running.processes--;
        running.stopping = false;
      }
      if (event.type === 'retry-due') {
        if (!running.retry) return;
        running.retry = false;
      }
      if (event.type === 'drain-due') {
        if (!running.drain) return;
        running.drain = false;
      }
      if (event.type === 'first-frame' && (running.processes === 0 || running.stopping)) return;
      if (event.type === 'left' && state.viewers === 0) return;
      const next = step(state, event);
      state = next.state;
      apply(next.effects);
    },
  };
}

const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.record({ type: fc.constant('joined' as const), waitMs: fc.constantFrom(0, 0, 5000) }),
  fc.constant<SessionEvent>({ type: 'left' }),
  fc.record({ type: fc.constant('expected' as const), waitMs: fc.constantFrom(0, 5000) }),
  fc.constant<SessionEvent>({ type: 'first-frame' }),
  fc.record({ type: fc.constant('exited' as const), retryMs: fc.constantFrom(0, 5000) }),
  fc.constant<SessionEvent>({ type: 'retry-due' }),
  fc.constant<SessionEvent>({ type: 'drain-due' }),
  fc.constant<SessionEvent>({ type: 'reset' }),
);

describe('the life of a stream', () => {
  it('goes idle → starting → ready → draining → idle', () => {
    const it = world();
    const phases: string[] = [];
    for (const next of [
      { type: 'joined', waitMs: 0 },
      { type: 'first-frame' },
      { type: 'left' },
      { type: 'drain-due' },
      { type: 'exited', retryMs: 0 },
    ] as const) {
      it.send(next);
      phases.push(`${it.state.phase}/${it.state.process}`);
    }
    expect(phases).toEqual([
      'starting/running',
      'ready/running',
      'draining/running',
      'idle/stopping',
      'idle/none',
    ]);
  });

  it('keeps one process for many viewers and for one who comes back while draining', () => {
    const it = world();
    for (let i = 0; i < 40; i++) it.send({ type: 'joined', waitMs: 0 });
    it.send({ type: 'first-frame' });
    for (let i = 0; i < 40; i++) it.send({ type: 'left' });
    expect(it.state.phase).toBe('draining');
    it.send({ type: 'joined', waitMs: 0 });
    expect(it.state.phase).toBe('ready');
    expect(it.running).toMatchObject({ spawned: 1, drain: false });
  });

  it('waits for the last process to end before it starts the next', () => {
    const it = world();
    it.send({ type: 'joined', waitMs: 0 });
    it.send({ type: 'reset' });
    it.send({ type: 'joined', waitMs: 0 });
    expect(it.running).toMatchObject({ spawned: 1, stopping: true });
    it.send({ type: 'exited', retryMs: 0 });
    it.send({ type: 'retry-due' });
    expect(it.running).toMatchObject({ spawned: 2, processes: 1 });
  });

  it('does not dial a camera that must be left alone, however often somebody asks', () => {
    const it = world();
    it.send({ type: 'expected', waitMs: 4000 });
    expect(it.running).toMatchObject({ spawned: 0, retry: false });
    for (let i = 0; i < 10; i++) {
      it.send({ type: 'joined', waitMs: 4000 });
      it.send({ type: 'left' });
    }
    expect(it.running).toMatchObject({ spawned: 0, retry: false });
    expect(it.state.phase).toBe('idle');
  });

  it('holds its promises in every order of events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const w = world();
        for (const next of events) {
          w.send(next);
          const { state, running } = w;
          // Never two processes, and the state says what is true.
          expect(running.processes).toBeLessThanOrEqual(1);
          expect(state.process === 'none').toBe(running.processes === 0);
          expect(state.process === 'stopping').toBe(running.stopping);
          // Nothing is left behind when idle.
          if (state.phase === 'idle') {
            expect(state.process).not.toBe('running');
            expect(state.viewers).toBe(0);
            expect(running.retry).toBe(false);
          }
          // Nobody watches: it is idle or about to be.
          if (state.viewers === 0 && state.phase !== 'idle')
            expect(state.phase === 'draining' && running.drain).toBe(true);
          // Somebody watches: something is running, ending, or about to start.
          if (state.viewers > 0) {
            expect(['starting', 'ready']).toContain(state.phase);
            expect(running.processes === 1 || running.retry).toBe(true);
          }
          if (state.phase === 'ready') expect(state.hasPicture && state.process === 'running').toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
