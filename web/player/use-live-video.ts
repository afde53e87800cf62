import { type RefObject, useEffect, useState } from 'react';
import { ApiError, api, isApiError } from '../state/index.ts';
import { canPlay, playFlv } from './flv.ts';

export type VideoState =
  | { kind: 'starting' }
  | { kind: 'live' }
  /** No frame for a while, or the stream ended: trying again; the last frame stays with its age. */
  | { kind: 'waiting'; attempt: number }
  /** Video does not work here (no decoder, no FFmpeg); pictures may. */
  | { kind: 'pictures'; error: ApiError | null }
  | { kind: 'down'; error: ApiError };

const FROZEN_MS = 5000;
const FIRST_FRAME_MS = 12_000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15_000] as const;

/** Codes after which asking again in a second is pointless. */
const FINAL = new Set(['camera.media_off', 'camera.auth_failed', 'auth.forbidden', 'request.not_found']);

/**
 * Keeps a video element playing a camera while `wanted`: asks for a ticket, plays, watches that frames really
 * come, and begins anew with a growing pause when they do not.
 */
export function useLiveVideo(
  video: RefObject<HTMLVideoElement | null>,
  cameraId: string,
  wanted: boolean,
): { state: VideoState; lastFrameMs: number | null; retry(): void } {
  const [state, setState] = useState<VideoState>({ kind: 'starting' });
  const [lastFrameMs, setLastFrameMs] = useState<number | null>(null);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the request to begin anew
  useEffect(() => {
    if (!wanted) return;
    const run = new Run(cameraId, () => video.current, setState, setLastFrameMs);
    run.begin();
    return () => run.stop();
  }, [cameraId, wanted, round, video]);

  return { state, lastFrameMs, retry: () => setRound((n) => n + 1) };
}

/** One stretch of watching, from becoming visible to going out of sight. */
class Run {
  private stopped = false;
  private attempt = 0;
  private close: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frameMs = 0;
  private shownMs = 0;
  private readonly cameraId: string;
  private readonly video: () => HTMLVideoElement | null;
  private readonly setState: (state: VideoState) => void;
  private readonly setFrame: (ms: number) => void;

  constructor(
    cameraId: string,
    video: () => HTMLVideoElement | null,
    setState: (state: VideoState) => void,
    setFrame: (ms: number) => void,
  ) {
    this.cameraId = cameraId;
    this.video = video;
    this.setState = setState;
    this.setFrame = setFrame;
  }

  begin(): void {
    this.setState(this.attempt === 0 ? { kind: 'starting' } : { kind: 'waiting', attempt: this.attempt });
    this.open().catch((error: unknown) => this.failed(error));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.close?.();
  }

  private async open(): Promise<void> {
    if (!(await canPlay())) {
      this.setState({ kind: 'pictures', error: null });
      return;
    }
    const { flvUrl } = await api.play(this.cameraId);
    const video = this.video();
    if (this.stopped || !video) return;
    this.frameMs = 0;
    const close = await playFlv(video, flvUrl, {
      onFrame: () => this.framed(),
      onEnd: (why) => {
        if (this.stopped) return;
        if (why === 'unplayable' && this.attempt >= 1) this.setState({ kind: 'pictures', error: null });
        else this.again();
      },
    });
    if (this.stopped) return close();
    this.close = close;
    this.watch(FIRST_FRAME_MS);
  }

  private framed(): void {
    this.frameMs = Date.now();
    if (this.frameMs - this.shownMs > 900) {
      this.shownMs = this.frameMs;
      this.setFrame(this.frameMs);
    }
    if (this.attempt !== -1) {
      // Frames are proof: the next failure starts its pauses from the beginning.
      this.attempt = -1;
      this.setState({ kind: 'live' });
    }
  }

  private watch(patienceMs: number): void {
    clearTimeout(this.timer);
    const startMs = Date.now();
    this.timer = setTimeout(() => {
      if (this.frameMs < startMs) this.again();
      else this.watch(FROZEN_MS);
    }, patienceMs);
  }

  private again(): void {
    clearTimeout(this.timer);
    this.close?.();
    this.close = undefined;
    this.attempt = Math.max(0, this.attempt) + 1;
    this.setState({ kind: 'waiting', attempt: this.attempt });
    const pauseMs = RETRY_MS[Math.min(this.attempt, RETRY_MS.length) - 1];
    this.timer = setTimeout(() => this.begin(), pauseMs);
  }

  private failed(error: unknown): void {
    if (this.stopped) return;
    const known = isApiError(error) ? error : new ApiError('network.unreachable', { cause: error });
    if (known.code === 'camera.media_off') this.setState({ kind: 'pictures', error: known });
    else if (FINAL.has(known.code)) this.setState({ kind: 'down', error: known });
    else {
      this.again();
      if (known.code === 'camera.unreachable') this.setState({ kind: 'down', error: known });
    }
  }
}
