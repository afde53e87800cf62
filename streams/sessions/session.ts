import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/ports.ts';
import { asFailure, type FailureCode, MediaFailure } from '../failure.ts';
import type { StreamStats } from '../ffmpeg/process.ts';
import type { MediaServerPorts } from '../media-server/media-server.ts';
import { type DialGates, STABLE_MS } from './dial-gate.ts';
import { IDLE, type SessionEvent, type SessionState, step } from './machine.ts';

/** One try at streaming a camera: FFmpeg, its relay path and the name it publishes under. */
export interface Attempt {
  readonly stream: string;
  readonly server: MediaServerPorts;
  readonly stats: Readonly<StreamStats>;
  /** `null` = stopped because we asked. Never rejects. */
  readonly exited: Promise<{ failure: FailureCode | null; detail: string }>;
  stop(): void;
}

/** Starts an attempt; throws `MediaFailure` when it cannot even begin. */
export type StartAttempt = (cameraId: string, onFirstFrame: () => void) => Promise<Attempt>;

/** Someone who looks at the stream. */
export interface Viewer {
  /** A (new) stream can be read: now, or as soon as it has its first key frame. */
  stream(attempt: Attempt): void;
  /** The stream broke; another try follows unless the viewer leaves. */
  broken(code: FailureCode): void;
  /** The camera was changed, disabled or removed. */
  ended(): void;
}

export interface SessionView {
  cameraId: string;
  phase: SessionState['phase'];
  viewers: number;
  fps: number | undefined;
  kbps: number | undefined;
  lastFrameAtMs: number | undefined;
  lastFailure: FailureCode | undefined;
}

export interface SessionPorts {
  clock: Clock;
  logger: Logger;
  gates: DialGates;
  drainMs: number;
  startAttempt: StartAttempt;
  /** The session came to `idle` with no process left, or left it: for the list of sessions. */
  onRest(): void;
  /** A first picture, or the end of an attempt: the camera's health. */
  onHealth(
    event: { type: 'picture' } | { type: 'failed'; code: FailureCode; lastFrameAtMs: number | undefined },
  ): void;
}

/** Carries out what the state machine decides for one camera. */
export class Session {
  readonly cameraId: string;
  readonly #ports: SessionPorts;
  readonly #viewers = new Set<Viewer>();
  /** Who waits for the first picture or for the end of the try. */
  readonly #awaited = new Set<() => void>();
  #state: SessionState = IDLE;
  #attempt: Attempt | undefined;
  #life: Promise<void> = Promise.resolve();
  #pictureAtMs: number | undefined;
  #lastFrameAtMs: number | undefined;
  #lastFailure: FailureCode | undefined;
  #cancelRetry = () => {};
  #cancelDrain = () => {};

  constructor(cameraId: string, ports: SessionPorts) {
    this.cameraId = cameraId;
    this.#ports = ports;
  }

  get atRest(): boolean {
    return this.#state.phase === 'idle' && this.#state.process === 'none';
  }

  /** The running attempt once it has given a picture: what a snapshot can be taken from. */
  get picture(): Attempt | undefined {
    return this.#state.hasPicture ? this.#attempt : undefined;
  }

  /** The picture, waiting for a stream that is just starting; undefined when none came in time. */
  async soonPicture(waitMs: number): Promise<Attempt | undefined> {
    if (this.picture || this.#state.process !== 'running') return this.picture;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        this.#awaited.delete(done);
        resolve();
      };
      const cancel = this.#ports.clock.after(waitMs, done);
      this.#awaited.add(done);
    });
    return this.picture;
  }

  view(): SessionView {
    const stats = this.#attempt?.stats;
    return {
      cameraId: this.cameraId,
      phase: this.#state.phase,
      viewers: this.#state.viewers,
      fps: stats?.fps,
      kbps: stats?.kbps,
      lastFrameAtMs: stats?.lastFrameAtMs ?? this.#lastFrameAtMs,
      lastFailure: this.#lastFailure,
    };
  }

  /** Starts if need be, on the promise that somebody will join within the drain time. */
  expect(): void {
    this.#dispatch({ type: 'expected', waitMs: this.#ports.gates.waitMs(this.cameraId) });
  }

  /** Joins; the returned function leaves, once. */
  join(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    this.#dispatch({ type: 'joined', waitMs: this.#ports.gates.waitMs(this.cameraId) });
    if (this.#attempt && this.#state.process === 'running') viewer.stream(this.#attempt);
    return () => {
      if (this.#viewers.delete(viewer)) this.#dispatch({ type: 'left' });
    };
  }

  /** Ends everything now. */
  reset(): void {
    const viewers = [...this.#viewers];
    this.#viewers.clear();
    this.#dispatch({ type: 'reset' });
    for (const viewer of viewers) viewer.ended();
  }

  /** Resolves when no process is left. */
  settled(): Promise<void> {
    return this.#life;
  }

  #dispatch(event: SessionEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      switch (effect.type) {
        case 'spawn':
          this.#life = this.#spawn();
          break;
        case 'kill':
          this.#attempt?.stop();
          break;
        case 'arm-retry':
          this.#cancelRetry();
          this.#cancelRetry = this.#ports.clock.after(effect.ms, () => this.#dispatch({ type: 'retry-due' }));
          break;
        case 'cancel-retry':
          this.#cancelRetry();
          break;
        case 'arm-drain':
          this.#cancelDrain();
          this.#cancelDrain = this.#ports.clock.after(this.#ports.drainMs, () =>
            this.#dispatch({ type: 'drain-due' }),
          );
          break;
        case 'cancel-drain':
          this.#cancelDrain();
          break;
      }
    }
    if (this.atRest) this.#ports.onRest();
  }

  async #spawn(): Promise<void> {
    const { clock } = this.#ports;
    this.#pictureAtMs = undefined;
    let end: { failure: FailureCode | null; detail: string };
    try {
      const attempt = await this.#ports.startAttempt(this.cameraId, () => this.#firstFrame());
      this.#attempt = attempt;
      // Everybody left while it was being prepared.
      if (this.#state.process !== 'running') attempt.stop();
      else for (const viewer of [...this.#viewers]) viewer.stream(attempt);
      end = await attempt.exited;
      this.#lastFrameAtMs = attempt.stats.lastFrameAtMs ?? this.#lastFrameAtMs;
    } catch (error) {
      if (!(error instanceof MediaFailure))
        this.#ports.logger.error({ camera: this.cameraId, err: error }, 'a stream could not be started');
      const failure = asFailure(error);
      end = { failure: failure.code, detail: failure.detail };
    }
    this.#attempt = undefined;
    for (const done of [...this.#awaited]) done();
    const ranMs = this.#pictureAtMs === undefined ? 0 : clock.monotonic() - this.#pictureAtMs;
    if (end.failure !== null) this.#failed(end.failure, end.detail, ranMs);
    else if (ranMs > 0) this.#ports.gates.succeeded(this.cameraId);
    this.#dispatch({ type: 'exited', retryMs: this.#ports.gates.waitMs(this.cameraId) });
  }

  #firstFrame(): void {
    this.#pictureAtMs = this.#ports.clock.monotonic();
    this.#lastFailure = undefined;
    this.#dispatch({ type: 'first-frame' });
    for (const done of [...this.#awaited]) done();
    this.#ports.onHealth({ type: 'picture' });
  }

  #failed(code: FailureCode, detail: string, ranMs: number): void {
    const { gates, logger } = this.#ports;
    this.#lastFailure = code;
    if (ranMs >= STABLE_MS && code !== 'media_server') gates.brokeAfterStableRun(this.cameraId, code);
    else gates.failed(this.cameraId, code);
    logger.warn({ camera: this.cameraId, reason: code, detail, ranMs: Math.round(ranMs) }, 'stream ended');
    this.#ports.onHealth({ type: 'failed', code, lastFrameAtMs: this.#lastFrameAtMs });
    for (const viewer of [...this.#viewers]) viewer.broken(code);
  }
}
