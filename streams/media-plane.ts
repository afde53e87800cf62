import { lookup as resolveHost } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../core/errors.ts';
import { assemble, type MediaPlanePorts, type Running } from './assemble.ts';
import { cameraToShow } from './cameras.ts';
import { asFailure, MediaFailure, toAppError } from './failure.ts';
import { type Ffmpeg, findFfmpeg } from './ffmpeg/find.ts';
import { reapOrphans } from './ffmpeg/marks.ts';
import type { Verdict } from './probe/health.ts';
import { createAddressPolicy, type Lookup, pinAddress } from './relay/address-policy.ts';
import { readCameraUrl } from './relay/camera-url.ts';
import type { Credential } from './relay/digest.ts';
import type { SessionView } from './sessions/session.ts';
import { createImages, type Picture } from './snapshots/images.ts';
import type { Snapshot, SnapshotRequest } from './snapshots/snapshots.ts';
import { loadSources } from './source-kind.ts';

interface PlayGrant {
  ticket: string;
  /** WebSocket path on this server; opens once, before `expiresAtMs`. */
  flvUrl: string;
  state: 'starting' | 'ready';
  expiresAtMs: number;
}

interface MediaStatus {
  ffmpeg: Pick<Ffmpeg, 'path' | 'origin' | 'version'> | null;
  mediaServer: { state: string; restarts: number };
  viewers: number;
  sessions: SessionView[];
}

export interface MediaPlane {
  /** Finds FFmpeg, starts the media server, begins to look after the cameras. Never throws for want of FFmpeg. */
  start(): Promise<void>;
  /** Ends every stream and child process. */
  stop(): Promise<void>;
  /**
   * Lets a user look at a camera; the caller has checked that they may. Throws `AppError`:
   * `camera.media_off`, `request.too_many`, `request.invalid` (no such camera, switched off).
   */
  play(
    cameraId: string,
    user: { userId: string; sessionId: string },
    left?: (view: { openedAtMs: number; closedAtMs: number }) => void,
  ): PlayGrant;
  /**
   * One JPEG; the caller has checked that they may. An old picture comes with `staleReason`. Throws
   * `AppError` when there is none at all: `camera.unreachable`, `camera.auth_failed`, …
   */
  snapshot(cameraId: string, request: SnapshotRequest): Promise<Snapshot>;
  /** For the HTTP server's `upgrade` event; false when the path is not of media. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Takes back tickets and closes sockets of a user, or of one session of theirs. */
  revoke(userId: string, sessionId?: string): void;
  /** A camera (or, without an id, any) was added, changed or removed. Streams end where it matters to them. */
  refresh(cameraId?: string): void;
  /**
   * Checks a source before it is stored, as far as can be done without dialling: its form, and its address
   * against the allowed networks. Throws `AppError`: `request.invalid`, `camera.address_refused`. A name that
   * does not resolve now may do so tomorrow and passes.
   */
  vet(source: unknown): Promise<void>;
  /** Tries a source out, stored or not. */
  probe(subject: {
    source: unknown;
    credential?: Credential;
    name?: string;
  }): Promise<{ verdict: Verdict; picture: Picture | undefined; detail: string | undefined }>;
  /** Cleans a picture that came from outside: a JPEG at most `width` across. Throws `AppError`. */
  cleanPicture(bytes: Uint8Array, width: number | null): Promise<Picture>;
  verdict(cameraId: string): Verdict | undefined;
  status(): MediaStatus;
}

/** Somebody waits for the form to be saved. */
const VET_MS = 2000;

const systemLookup: Lookup = async (host) =>
  (await resolveHost(host, { all: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

export function createMediaPlane(ports: MediaPlanePorts): MediaPlane {
  let running: Running | undefined;
  const images = createImages({ clock: ports.clock });
  const lookup = ports.lookup ?? systemLookup;
  const policy = createAddressPolicy(ports.settings.cameraSubnets);
  const sources = loadSources();
  // Who first needs them hears of a failure.
  sources.catch(() => {});

  function on(): Running {
    if (!running) throw new AppError('camera.media_off');
    return running;
  }

  async function translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof MediaFailure ? toAppError(error) : error;
    }
  }

  return {
    async start() {
      const reaped = await reapOrphans(ports.settings.runDir);
      if (reaped > 0) ports.logger.warn({ reaped }, 'ended media processes that an earlier run left behind');
      const ffmpeg = await findFfmpeg(ports.settings);
      if (!ffmpeg) {
        ports.health.set({
          component: 'media',
          state: 'down',
          code: 'camera.media_off',
          message: {
            vi: 'Không tìm thấy FFmpeg: camera đang tắt, các phần khác vẫn chạy. Cài gói ffmpeg hoặc đặt FFMPEG_PATH.',
            en: 'FFmpeg was not found: cameras are off, all else runs. Install the package ffmpeg or set FFMPEG_PATH.',
          },
        });
        return;
      }
      ports.logger.info(
        { path: ffmpeg.path, origin: ffmpeg.origin, version: ffmpeg.version, encoder: ffmpeg.h264Encoder },
        'found FFmpeg',
      );
      running = await assemble(ports, { ffmpeg, images, policy, lookup, sources: await sources });
    },
    async stop() {
      const ended = running;
      running = undefined;
      await ended?.stop();
      await images.stop();
    },
    play(cameraId, { userId, sessionId }, left) {
      const { sessions, tickets } = on();
      try {
        cameraToShow(ports.cameras, cameraId);
        const session = sessions.of(cameraId);
        // The stream is on its way while the browser opens its socket.
        session.expect();
        const state = session.view().phase === 'ready' || session.picture ? 'ready' : 'starting';
        const { ticket, expiresAtMs } = tickets.issue({ userId, sessionId, cameraId, left });
        return { ticket, flvUrl: `/media/${cameraId}.flv?ticket=${ticket}`, state, expiresAtMs };
      } catch (error) {
        throw toAppError(asFailure(error));
      }
    },
    snapshot: (cameraId, request) =>
      translated(async () => {
        const { snapshots, supervisor } = on();
        cameraToShow(ports.cameras, cameraId);
        try {
          return await snapshots.take(cameraId, request);
        } catch (error) {
          const lastFrameAtMs = supervisor.verdict(cameraId)?.lastFrameAtMs ?? null;
          throw toAppError(asFailure(error), { lastFrameAtMs });
        }
      }),
    handleUpgrade(request, socket, head) {
      if (running) return running.viewers.handleUpgrade(request, socket, head);
      return false;
    },
    revoke(userId, sessionId) {
      running?.tickets.revoke(userId, sessionId);
      running?.viewers.revoke(userId, sessionId);
    },
    refresh(cameraId) {
      const plane = running;
      if (!plane) return;
      const reset = (renewed: boolean) => {
        for (const id of plane.supervisor.refresh(cameraId, renewed)) plane.sessions.reset(id);
      };
      if (cameraId === undefined) reset(false);
      // A secret store that fails tells nothing: better to dial anew than to go on with an old password.
      else void plane.credentials.changed(cameraId).then(reset, () => reset(true));
    },
    vet: (source) =>
      translated(async () => {
        const { reach } = (await sources).read(source);
        if (reach.by !== 'relay') return;
        const { host } = readCameraUrl(reach.url);
        try {
          await pinAddress(host, { clock: ports.clock, policy, lookup, answerMs: VET_MS });
        } catch (error) {
          if (asFailure(error).code === 'address_refused') throw error;
        }
      }),
    probe: (subject) =>
      translated(() => on().probe({ ...subject, credential: subject.credential ?? undefined })),
    cleanPicture: (bytes, width) => translated(() => images.normalise(bytes, width)),
    verdict: (cameraId) => running?.supervisor.verdict(cameraId),
    status: () => ({
      ffmpeg: running
        ? { path: running.ffmpeg.path, origin: running.ffmpeg.origin, version: running.ffmpeg.version }
        : null,
      mediaServer: {
        state: running?.mediaServer.state ?? 'stopped',
        restarts: running?.mediaServer.restarts ?? 0,
      },
      viewers: running?.viewers.open ?? 0,
      sessions: running?.sessions.list() ?? [],
    }),
  };
}
