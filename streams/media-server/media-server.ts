import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/ports.ts';
import { startHelper } from '../child-process.ts';
import { MediaFailure } from '../failure.ts';
import { killGroup } from '../ffmpeg/marks.ts';
import { createTail } from '../ffmpeg/stderr.ts';

/** Where one run of the media server listens, and how to be let in. */
export interface MediaServerPorts {
  /** Counts runs: streams published to an earlier one are gone. */
  generation: number;
  /** Where FFmpeg publishes a stream; good for the next minute. */
  publishUrl(stream: string): string;
  /** Where the FLV of a stream is read, with the header that lets one in. */
  play(stream: string): { url: string; headers: Record<string, string> };
}

export interface MediaServer {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when a run is ready; throws `MediaFailure('media_server')` after `waitMs`. */
  ready(waitMs: number): Promise<MediaServerPorts>;
  readonly state: 'stopped' | 'starting' | 'ready';
  readonly restarts: number;
  /** Process id of the running child, for the status page and for tests that kill it. */
  readonly pid: number | undefined;
}

/** Restarts come at once, but a child that dies again and again is not started more than about once a second. */
const RESTART_MS = [0, 250, 500, 1000];
/** A run that lasted this long was a good one. */
const GOOD_RUN_MS = 10_000;
const START_MS = 10_000;
const SIGN_LIFE_S = 60;

const ENTRY = new URL('./child.ts', import.meta.url);

export function createMediaServer(ports: {
  clock: Clock;
  logger: Logger;
  onState?: (state: MediaServer['state']) => void;
}): MediaServer {
  const { clock, logger } = ports;
  let child: ChildProcess | undefined;
  let current: MediaServerPorts | undefined;
  let state: MediaServer['state'] = 'stopped';
  let generation = 0;
  let quickDeaths = 0;
  let wanted = false;
  let cancelRestart = () => {};
  const waiting = new Set<(ports: MediaServerPorts) => void>();

  const enter = (next: MediaServer['state']) => {
    if (state === next) return;
    state = next;
    ports.onState?.(next);
  };

  function launch(): void {
    if (!wanted) return;
    enter('starting');
    // A fresh secret per run: whoever learned the last one learned nothing.
    const secret = randomBytes(32).toString('hex');
    const startedAt = clock.monotonic();
    const run = startHelper(ENTRY, { maxHeapMb: 512, addons: false });
    child = run;
    const stderr = createTail();
    run.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    const cancelSlow = clock.after(START_MS, () => kill(run));
    run.on('message', (message) => {
      const { rtmpPort, httpPort } = message as { rtmpPort: number; httpPort: number };
      cancelSlow();
      generation++;
      current = portsOf(generation, secret, rtmpPort, httpPort);
      enter('ready');
      for (const resolve of waiting) resolve(current);
      waiting.clear();
    });
    run.on('error', () => {});
    run.once('exit', (code, signal) => {
      cancelSlow();
      if (child !== run) return;
      child = undefined;
      current = undefined;
      if (!wanted) return;
      enter('starting');
      if (clock.monotonic() - startedAt >= GOOD_RUN_MS) quickDeaths = 0;
      const pause = RESTART_MS[Math.min(quickDeaths++, RESTART_MS.length - 1)] ?? 0;
      const last = stderr.text().split('\n').at(-1);
      logger.warn({ code, signal, pauseMs: pause, last }, 'media server died; starting it again');
      cancelRestart = clock.after(pause, launch);
    });
    // May fail when the child is already gone; its exit handler deals with that.
    run.send({ secret }, () => {});
  }

  function kill(run: ChildProcess): void {
    if (run.pid !== undefined) killGroup(run.pid);
  }

  return {
    get state() {
      return state;
    },
    get restarts() {
      return Math.max(0, generation - 1);
    },
    get pid() {
      return child?.pid;
    },
    start() {
      if (wanted) return;
      wanted = true;
      launch();
    },
    async stop() {
      wanted = false;
      cancelRestart();
      enter('stopped');
      const run = child;
      if (!run) return;
      const gone = new Promise<void>((resolve) => run.once('exit', () => resolve()));
      kill(run);
      await gone;
    },
    ready(waitMs) {
      if (current) return Promise.resolve(current);
      return new Promise((resolve, reject) => {
        const settle = (found: MediaServerPorts) => {
          cancel();
          resolve(found);
        };
        const cancel = clock.after(waitMs, () => {
          waiting.delete(settle);
          reject(new MediaFailure('media_server', 'the media server is not running'));
        });
        waiting.add(settle);
      });
    },
  };

  function portsOf(run: number, secret: string, rtmpPort: number, httpPort: number): MediaServerPorts {
    /** node-media-server's own signature: MD5 of path, expiry and secret. */
    const sign = (path: string) => {
      const expiry = Math.floor(clock.now() / 1000) + SIGN_LIFE_S;
      return `${expiry}-${createHash('md5').update(`${path}-${expiry}-${secret}`).digest('hex')}`;
    };
    return {
      generation: run,
      publishUrl: (stream) => `rtmp://127.0.0.1:${rtmpPort}/live/${stream}?sign=${sign(`/live/${stream}`)}`,
      play: (stream) => ({
        url: `http://127.0.0.1:${httpPort}/live/${stream}.flv?sign=${sign(`/live/${stream}`)}`,
        headers: { authorization: `Bearer ${secret}` },
      }),
    };
  }
}
