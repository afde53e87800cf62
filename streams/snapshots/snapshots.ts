import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import { createGate } from '../../core/gate.ts';
import { asFailure, type FailureCode, MediaFailure } from '../failure.ts';
import type { FfmpegPorts } from '../ffmpeg/process.ts';
import type { VideoDetails } from '../ffmpeg/stderr.ts';
import type { Inputs } from '../inputs.ts';
import type { DialGates } from '../sessions/dial-gate.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { grabByDialling, grabFromStream, type RawPicture } from './grab.ts';
import type { Images, Picture } from './images.ts';

type SnapshotWidth = 320 | 640 | 1280 | 'orig';

export interface Snapshot extends Picture {
  /** Epoch ms at which the picture was taken. */
  takenAtMs: number;
  ageMs: number;
  /** Why no newer picture could be had; undefined = this one is as new as was asked for. */
  staleReason: FailureCode | undefined;
}

export interface SnapshotRequest {
  width: SnapshotWidth;
  /** A picture of this age is good enough; the camera is asked at most once a second in any case. */
  maxAgeMs: number;
}

export interface Snapshots {
  /** Throws `MediaFailure` when there is no new picture and no old one either. */
  take(cameraId: string, request: SnapshotRequest): Promise<Snapshot>;
  /** Takes a new picture now, from the running stream or by dialling: the supervisor's way. */
  refresh(cameraId: string): Promise<void>;
  /** Epoch ms of the last good picture. */
  lastTakenAtMs(cameraId: string): number | undefined;
  forget(cameraId: string): void;
}

export interface SnapshotPorts {
  clock: Clock;
  inputs: Inputs;
  run: FfmpegPorts;
  images: Images;
  sessions: Sessions;
  gates: DialGates;
  cacheBytes: number;
  /** What a dial for a picture told about the camera. */
  onHealth(
    cameraId: string,
    event: { type: 'picture'; details?: VideoDetails } | { type: 'failed'; code: FailureCode },
  ): void;
}

const MIN_INTERVAL_MS = 1000;
const AT_ONCE = 3;
/** A stream that somebody has just opened gives its picture soon: better than dialling a second time. */
const STARTING_WAIT_MS = 3000;
const MAX_WAITING = 64;

interface Taken {
  picture: Picture;
  takenAtMs: number;
}

export function createSnapshots(ports: SnapshotPorts): Snapshots {
  const { clock } = ports;
  const originals = new LRUCache<string, Taken>({
    maxSize: ports.cacheBytes,
    sizeCalculation: ({ picture }) => picture.jpeg.length + 512,
  });
  const resized = new LRUCache<string, Promise<Picture>>({ max: 512 });
  const running = new Map<string, Promise<Taken>>();
  const grabs = createGate(
    AT_ONCE,
    MAX_WAITING,
    () => new MediaFailure('busy', 'too many requests for pictures'),
  );

  /** One grab per camera at a time; whoever asks meanwhile gets the same one. */
  function grab(cameraId: string): Promise<Taken> {
    const under = running.get(cameraId);
    if (under !== undefined) return under;
    const task = grabs.run(() => grabNow(cameraId)).finally(() => running.delete(cameraId));
    running.set(cameraId, task);
    return task;
  }

  async function grabNow(cameraId: string): Promise<Taken> {
    const live = await ports.sessions.running(cameraId)?.soonPicture(STARTING_WAIT_MS);
    const raw = live ? await grabFromStream(live, ports.run) : await dial(cameraId);
    const takenAtMs = clock.now();
    const picture = await ports.images.normalise(raw.jpeg, null);
    const taken: Taken = { picture, takenAtMs };
    originals.set(cameraId, taken);
    return taken;
  }

  async function dial(cameraId: string): Promise<RawPicture> {
    const waitMs = ports.gates.waitMs(cameraId);
    if (waitMs > 0)
      throw new MediaFailure(
        ports.gates.lastCode(cameraId) ?? 'unreachable',
        `the camera failed; next try in ${Math.ceil(waitMs / 1000)} s`,
      );
    try {
      const raw = await grabByDialling(await ports.inputs.open(cameraId, 'still'), ports.run);
      ports.gates.succeeded(cameraId);
      ports.onHealth(cameraId, raw.details ? { type: 'picture', details: raw.details } : { type: 'picture' });
      return raw;
    } catch (error) {
      const failure = asFailure(error);
      ports.gates.failed(cameraId, failure.code);
      ports.onHealth(cameraId, { type: 'failed', code: failure.code });
      throw failure;
    }
  }

  async function inWidth(cameraId: string, taken: Taken, width: SnapshotWidth): Promise<Picture> {
    if (width === 'orig' || width >= taken.picture.width) return taken.picture;
    const key = `${cameraId}/${taken.takenAtMs}/${width}`;
    let picture = resized.get(key);
    if (picture === undefined) {
      picture = ports.images.normalise(taken.picture.jpeg, width);
      resized.set(key, picture);
      picture.catch(() => resized.delete(key));
    }
    return picture;
  }

  async function answer(
    cameraId: string,
    taken: Taken,
    width: SnapshotWidth,
    staleReason?: FailureCode,
  ): Promise<Snapshot> {
    const picture = await inWidth(cameraId, taken, width);
    const ageMs = Math.max(0, clock.now() - taken.takenAtMs);
    return { ...picture, takenAtMs: taken.takenAtMs, ageMs, staleReason };
  }

  return {
    async take(cameraId, { width, maxAgeMs }) {
      const last = originals.get(cameraId);
      if (last && clock.now() - last.takenAtMs <= Math.max(MIN_INTERVAL_MS, maxAgeMs))
        return answer(cameraId, last, width);
      try {
        return await answer(cameraId, await grab(cameraId), width);
      } catch (error) {
        const failure = asFailure(error);
        // A camera that is not ours to show any more shows no old picture either.
        if (!last || failure.code === 'invalid_source') throw failure;
        return answer(cameraId, last, width, failure.code);
      }
    },
    async refresh(cameraId) {
      await grab(cameraId);
    },
    lastTakenAtMs: (cameraId) => originals.peek(cameraId)?.takenAtMs,
    forget(cameraId) {
      originals.delete(cameraId);
    },
  };
}
