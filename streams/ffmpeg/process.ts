import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import type { FailureCode } from '../failure.ts';
import { killGroup, markChild, unmarkChild } from './marks.ts';
import { createProgressReader } from './progress.ts';
import { classifyStderr, createTail } from './stderr.ts';

/** The environment of every FFmpeg: nothing of ours is in it. */
export const CHILD_ENV = { LANG: 'C.UTF-8', TZ: 'UTC' } as const;

export interface FfmpegPorts {
  clock: Clock;
  binary: string;
  runDir: string;
}

export interface StreamStats {
  frames: number;
  fps: number | undefined;
  kbps: number | undefined;
  /** Epoch ms of the last report in which the number of frames had grown. */
  lastFrameAtMs: number | undefined;
}

interface StreamExit {
  /** `null` = stopped because we asked. */
  failure: FailureCode | null;
  /** Redacted, for the log. */
  detail: string;
}

export interface StreamProcess {
  readonly pid: number;
  readonly stats: Readonly<StreamStats>;
  readonly exited: Promise<StreamExit>;
  /** Asks FFmpeg to end, and ends it two seconds later if it has not. */
  stop(): void;
}

export interface StreamOptions {
  args: readonly string[];
  /** Killed when no frame came for this long. */
  stallMs: number;
  /** Longest wait for the first frame while the source does send bytes. */
  startMs: number;
  /** Bytes that came from the source so far; undefined for sources that are not dialled. */
  sourceBytes: (() => number) | undefined;
  onFirstFrame(): void;
}

const WATCH_MS = 250;
const TERM_MS = 2000;
/** Below the core: when the machine is short of time, pictures wait and readings do not. */
const NICENESS = 5;

/** Starts FFmpeg for a stream and watches it: a stream that makes no progress is not running. */
export function startStream(ports: FfmpegPorts, options: StreamOptions): StreamProcess {
  const { clock } = ports;
  // Its own process group, so that nothing it might start outlives it.
  const child = spawn(ports.binary, options.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: CHILD_ENV,
  });
  const stderr = createTail();
  const stats: StreamStats = { frames: 0, fps: undefined, kbps: undefined, lastFrameAtMs: undefined };
  let verdict: FailureCode | null | undefined;
  let lastBytes = 0;
  const startedAt = clock.monotonic();
  let lastMoveAt = startedAt;
  let lastReport: { at: number; bytes: number } | undefined;

  const progress = createProgressReader((report) => {
    const now = clock.monotonic();
    if (report.frames > stats.frames) {
      const first = stats.frames === 0;
      stats.frames = report.frames;
      stats.lastFrameAtMs = clock.now();
      lastMoveAt = now;
      if (first) options.onFirstFrame();
    }
    stats.fps = report.fps;
    const bytes = options.sourceBytes?.() ?? report.totalBytes;
    if (bytes !== undefined) {
      if (lastReport && now > lastReport.at)
        stats.kbps = Math.max(0, Math.round(((bytes - lastReport.bytes) * 8) / (now - lastReport.at)));
      lastReport = { at: now, bytes };
    }
  });
  child.stdout.on('data', (chunk: Buffer) => progress.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));

  let cancelWatch = clock.after(WATCH_MS, watch);
  function watch(): void {
    const now = clock.monotonic();
    const bytes = options.sourceBytes?.() ?? 0;
    // A camera with ten seconds between key frames gives no frame for ten seconds, but does send.
    if (stats.frames === 0 && bytes > lastBytes && now - startedAt < options.startMs) lastMoveAt = now;
    lastBytes = bytes;
    if (now - lastMoveAt >= options.stallMs) {
      verdict ??= 'no_frames';
      killGroup(child.pid ?? 0);
      return;
    }
    cancelWatch = clock.after(WATCH_MS, watch);
  }

  const marked = child.pid === undefined ? undefined : settle(child.pid, ports.runDir);
  const exited = whenExited(child).then(async ({ code, signal, error }): Promise<StreamExit> => {
    cancelWatch();
    // Waits for the mark to be written, so that taking it away is the last word.
    await marked;
    if (child.pid !== undefined) await unmarkChild(ports.runDir, child.pid);
    const said = stderr.text();
    const how = error ? error.message : signal ? `ended by ${signal}` : `exit code ${code}`;
    const detail = said === '' ? how : `${how}: ${said.split('\n').slice(-3).join(' | ')}`;
    if (verdict !== undefined) return { failure: verdict, detail };
    // A live source has no end: exit code 0 is a failure too.
    if (error) return { failure: 'media_off', detail };
    if (said === '') return { failure: signal ? 'crashed' : 'unreachable', detail };
    return { failure: classifyStderr(said), detail };
  });

  return {
    pid: child.pid ?? 0,
    stats,
    exited,
    stop() {
      if (verdict !== undefined || child.pid === undefined) return;
      verdict = null;
      const { pid } = child;
      killGroup(pid, 'SIGTERM');
      const cancel = clock.after(TERM_MS, () => killGroup(pid));
      void exited.then(cancel);
    },
  };
}

async function settle(pid: number, runDir: string): Promise<void> {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // Gone already, or not allowed: a matter of degree only.
  }
  // Without a mark an orphan may survive a crash of ours; that is no reason to refuse a picture.
  await markChild(runDir, pid).catch(() => {});
}

interface RawExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: Error;
}

export function whenExited(child: ChildProcess): Promise<RawExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
