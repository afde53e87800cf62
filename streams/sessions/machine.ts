/**
 * The life of one camera's stream as a pure state machine: idle → starting → ready → draining → idle.
 * At most one process at a time, whatever the viewers do; none when nobody watches.
 */
export interface SessionState {
  phase: 'idle' | 'starting' | 'ready' | 'draining';
  viewers: number;
  /** `stopping` = told to end and not gone yet: no other may start meanwhile. */
  process: 'none' | 'running' | 'stopping';
  /** Whether the running process has given a frame. */
  hasPicture: boolean;
}

export type SessionEvent =
  /** A viewer came. `waitMs` is how long the camera must not be dialled yet. */
  | { type: 'joined'; waitMs: number }
  | { type: 'left' }
  /** Somebody is about to come: start, and stop again if nobody does. */
  | { type: 'expected'; waitMs: number }
  | { type: 'first-frame' }
  /** The process is gone; the next may start in `retryMs`. */
  | { type: 'exited'; retryMs: number }
  | { type: 'retry-due' }
  | { type: 'drain-due' }
  /** The camera was changed, disabled or removed: end now. */
  | { type: 'reset' };

export type SessionEffect =
  | { type: 'spawn' }
  | { type: 'kill' }
  | { type: 'arm-retry'; ms: number }
  | { type: 'cancel-retry' }
  | { type: 'arm-drain' }
  | { type: 'cancel-drain' };

export const IDLE: SessionState = { phase: 'idle', viewers: 0, process: 'none', hasPicture: false };

export interface Step {
  state: SessionState;
  effects: SessionEffect[];
}

export function step(state: SessionState, event: SessionEvent): Step {
  switch (event.type) {
    case 'joined':
      return start({ ...state, viewers: state.viewers + 1 }, event.waitMs, 'stay');
    case 'expected':
      // Who waits for a closed gate is not worth a timer: a real viewer will ask again.
      if (state.phase !== 'idle' || event.waitMs > 0) return { state, effects: [] };
      return start(state, event.waitMs, 'drain');
    case 'left':
      return left({ ...state, viewers: Math.max(0, state.viewers - 1) });
    case 'first-frame':
      if (state.process !== 'running') return { state, effects: [] };
      return {
        state: { ...state, hasPicture: true, phase: state.phase === 'starting' ? 'ready' : state.phase },
        effects: [],
      };
    case 'exited':
      return exited({ ...state, process: 'none', hasPicture: false }, event.retryMs);
    case 'retry-due':
      if (state.phase !== 'starting' || state.process !== 'none') return { state, effects: [] };
      return { state: { ...state, process: 'running' }, effects: [{ type: 'spawn' }] };
    case 'drain-due':
      if (state.phase !== 'draining') return { state, effects: [] };
      return toIdle(state, []);
    case 'reset':
      return toIdle({ ...state, viewers: 0 }, [{ type: 'cancel-drain' }, { type: 'cancel-retry' }]);
  }
}

function start(state: SessionState, waitMs: number, then: 'stay' | 'drain'): Step {
  if (state.phase === 'starting' || state.phase === 'ready') return { state, effects: [] };
  if (state.phase === 'draining')
    return {
      state: { ...state, phase: state.hasPicture ? 'ready' : 'starting' },
      effects: [{ type: 'cancel-drain' }],
    };
  const phase = then === 'stay' ? 'starting' : 'draining';
  const effects: SessionEffect[] = then === 'stay' ? [] : [{ type: 'arm-drain' }];
  // The last process is still ending: its exit starts the next one.
  if (state.process === 'stopping') return { state: { ...state, phase }, effects };
  if (waitMs > 0) return { state: { ...state, phase }, effects: [{ type: 'arm-retry', ms: waitMs }] };
  return { state: { ...state, phase, process: 'running' }, effects: [...effects, { type: 'spawn' }] };
}

function left(state: SessionState): Step {
  if (state.viewers > 0 || state.phase === 'idle' || state.phase === 'draining')
    return { state, effects: [] };
  // Between two tries there is nothing to keep alive.
  if (state.process === 'none') return toIdle(state, [{ type: 'cancel-retry' }]);
  return { state: { ...state, phase: 'draining' }, effects: [{ type: 'arm-drain' }] };
}

function exited(state: SessionState, retryMs: number): Step {
  if (state.phase === 'idle') return { state, effects: [] };
  if (state.viewers === 0) return toIdle(state, [{ type: 'cancel-drain' }]);
  return { state: { ...state, phase: 'starting' }, effects: [{ type: 'arm-retry', ms: retryMs }] };
}

function toIdle(state: SessionState, effects: SessionEffect[]): Step {
  const running = state.process === 'running';
  return {
    state: {
      phase: 'idle',
      viewers: state.viewers,
      process: running ? 'stopping' : state.process,
      hasPicture: false,
    },
    effects: running ? [...effects, { type: 'kill' }] : effects,
  };
}
