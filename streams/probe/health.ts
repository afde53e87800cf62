import type { CameraReason } from '../../core/camera-reasons.ts';
import type { FailureCode } from '../failure.ts';
import type { VideoDetails } from '../ffmpeg/stderr.ts';

/** What is known of a camera's health. Times are epoch ms. */
export interface Verdict {
  state: 'unknown' | 'online' | 'degraded' | 'offline' | 'auth_failed';
  /** Null when all is well. */
  reason: CameraReason | null;
  sinceMs: number;
  lastFrameAtMs: number | null;
  codec: string | null;
  width: number | null;
  height: number | null;
}

export interface HealthMemory {
  verdict: Verdict;
  /** Failures since the last picture. */
  failures: number;
  /** Times at which a good camera broke, within the window. */
  breaks: readonly number[];
}

export type HealthEvent =
  /** A picture was seen, by a viewer, a snapshot or the probe. */
  | { type: 'picture'; details?: VideoDetails }
  /** The camera described itself; nobody looked at a picture. */
  | { type: 'answered'; codec?: string }
  | { type: 'failed'; code: FailureCode; lastFrameAtMs?: number | undefined };

/** Failures that are ours and say nothing about the camera. */
const OURS: ReadonlySet<FailureCode> = new Set(['media_server', 'media_off', 'busy']);
/** The camera is there, but its stream is of no use. */
const REACHABLE: ReadonlySet<FailureCode> = new Set(['unsupported', 'too_much_data']);

/** Three breaks within ten minutes are flapping; two quiet minutes end it. */
const FLAP_BREAKS = 3;
const FLAP_WINDOW_MS = 600_000;
const FLAP_QUIET_MS = 120_000;

export function unknownHealth(nowMs: number, lastFrameAtMs: number | null = null): HealthMemory {
  return {
    verdict: {
      state: 'unknown',
      reason: null,
      sinceMs: nowMs,
      lastFrameAtMs,
      codec: null,
      width: null,
      height: null,
    },
    failures: 0,
    breaks: [],
  };
}

/**
 * The health after one event. One failure of a good camera makes it degraded; the second in a row takes it
 * offline, so that a single lost packet raises no alarm. A refused credential needs no second proof.
 */
export function observe(memory: HealthMemory, event: HealthEvent, nowMs: number): HealthMemory {
  const { verdict } = memory;
  const recent = memory.breaks.filter((at) => nowMs - at < FLAP_WINDOW_MS);
  if (event.type === 'failed') {
    if (OURS.has(event.code)) return memory;
    const broke = verdict.state === 'online' || (verdict.reason === 'flapping' && memory.failures === 0);
    const failures = memory.failures + 1;
    const state = failedState(verdict, event.code, failures);
    const lastFrameAtMs = Math.max(verdict.lastFrameAtMs ?? 0, event.lastFrameAtMs ?? 0) || null;
    return {
      verdict: { ...change(verdict, state, event.code, nowMs), lastFrameAtMs },
      failures,
      breaks: broke ? [...recent, nowMs].slice(-FLAP_BREAKS) : recent,
    };
  }
  const seen: Verdict =
    event.type === 'picture'
      ? { ...verdict, ...(event.details ?? {}), lastFrameAtMs: nowMs }
      : { ...verdict, codec: event.codec ?? verdict.codec };
  const lastBreak = recent.at(-1);
  const flapping =
    recent.length >= FLAP_BREAKS && lastBreak !== undefined && nowMs - lastBreak < FLAP_QUIET_MS;
  return {
    verdict: change(seen, flapping ? 'degraded' : 'online', flapping ? 'flapping' : null, nowMs),
    failures: 0,
    breaks: recent,
  };
}

function failedState(verdict: Verdict, code: FailureCode, failures: number): Verdict['state'] {
  if (code === 'auth_failed') return 'auth_failed';
  if (REACHABLE.has(code)) return 'degraded';
  const wasGood = verdict.state === 'online' || verdict.state === 'degraded';
  return wasGood && failures < 2 ? 'degraded' : 'offline';
}

function change(
  verdict: Verdict,
  state: Verdict['state'],
  reason: Verdict['reason'],
  nowMs: number,
): Verdict {
  return { ...verdict, state, reason, sinceMs: verdict.state === state ? verdict.sinceMs : nowMs };
}
