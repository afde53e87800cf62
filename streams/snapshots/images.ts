import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.ts';
import { startHelper } from '../child-process.ts';
import { MediaFailure } from '../failure.ts';
import { killGroup } from '../ffmpeg/marks.ts';

export interface ImageJob {
  id: number;
  bytes: Uint8Array;
  /** Pixels; null = its own. */
  width: number | null;
}

export type ImageReply =
  | { id: number; ok: true; bytes: Uint8Array; width: number; height: number }
  | { id: number; ok: false; detail: string };

export interface Picture {
  jpeg: Buffer;
  width: number;
  height: number;
}

export interface Images {
  /**
   * A clean JPEG of at most `width` pixels across. Throws `MediaFailure`: `unsupported` for what is no
   * allowed picture, `timeout`, `busy`, `crashed` when the picture killed the process.
   */
  normalise(bytes: Uint8Array, width: number | null): Promise<Picture>;
  stop(): Promise<void>;
  readonly pid: number | undefined;
}

const ENTRY = new URL('./image-child.ts', import.meta.url);
const JOB_MS = 5000;
/** A first job also waits for the process to load its decoder. */
const START_MS = 5000;
const MAX_WAITING = 64;
const MAX_BYTES = 20 * 1024 * 1024;

interface Waiting {
  job: ImageJob;
  resolve(picture: Picture): void;
  reject(error: MediaFailure): void;
}

/** One job at a time in one process, started at the first job; the line is bounded. */
export function createImages(ports: { clock: Clock }): Images {
  const line: Waiting[] = [];
  let child: ChildProcess | undefined;
  let current: Waiting | undefined;
  let cancelTimeout = () => {};
  let nextId = 1;
  let stopped = false;

  function pump(): void {
    if (current || stopped) return;
    const next = line.shift();
    if (!next) return;
    current = next;
    const fresh = child === undefined;
    child ??= launch();
    cancelTimeout = ports.clock.after(fresh ? JOB_MS + START_MS : JOB_MS, () =>
      lose(new MediaFailure('timeout', 'the picture took too long')),
    );
    child.send(next.job, () => {});
  }

  function finish(settle: (waiting: Waiting) => void): void {
    const done = current;
    current = undefined;
    cancelTimeout();
    if (done) settle(done);
    pump();
  }

  /** The process is given up together with its job. */
  function lose(failure: MediaFailure): void {
    const run = child;
    child = undefined;
    if (run?.pid !== undefined) killGroup(run.pid);
    finish((waiting) => waiting.reject(failure));
  }

  function launch(): ChildProcess {
    const run = startHelper(ENTRY, { maxHeapMb: 128, addons: true });
    run.stderr?.resume();
    run.on('error', () => {});
    run.on('message', (message) => {
      const reply = message as ImageReply;
      if (run !== child || current?.job.id !== reply.id) return;
      finish((waiting) => {
        if (reply.ok)
          waiting.resolve({ jpeg: Buffer.from(reply.bytes), width: reply.width, height: reply.height });
        else waiting.reject(new MediaFailure('unsupported', `not a usable picture: ${reply.detail}`));
      });
    });
    run.once('exit', () => {
      if (run === child) lose(new MediaFailure('crashed', 'the picture could not be examined'));
    });
    return run;
  }

  return {
    get pid() {
      return child?.pid;
    },
    normalise(bytes, width) {
      if (!isPicture(bytes))
        return Promise.reject(new MediaFailure('unsupported', 'not a JPEG, PNG or WebP'));
      if (bytes.length > MAX_BYTES)
        return Promise.reject(new MediaFailure('too_much_data', 'the picture is too large'));
      if (stopped || line.length >= MAX_WAITING)
        return Promise.reject(new MediaFailure('busy', 'too many pictures at once'));
      return new Promise((resolve, reject) => {
        line.push({ job: { id: nextId++, bytes, width }, resolve, reject });
        pump();
      });
    },
    async stop() {
      stopped = true;
      for (const waiting of line.splice(0))
        waiting.reject(new MediaFailure('media_off', 'media is stopping'));
      const run = child;
      if (!run) return;
      const gone = new Promise<void>((resolve) => run.once('exit', () => resolve()));
      lose(new MediaFailure('media_off', 'media is stopping'));
      await gone;
    },
  };
}

/** By the first bytes, never by a name. */
function isPicture(bytes: Uint8Array): boolean {
  const ascii = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  return (
    (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) ||
    ascii(0, 8) === '\x89PNG\r\n\x1a\n' ||
    (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP')
  );
}
