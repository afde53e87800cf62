import { lookup as resolveHost } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Random } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Health, Logger } from '../core/ports.ts';
import { type CameraDirectory, type CameraSecrets, cameraToShow } from './cameras.ts';
import { asFailure, MediaFailure, toAppError } from './failure.ts';
import { type Ffmpeg, findFfmpeg } from './ffmpeg/find.ts';
import { reapOrphans } from './ffmpeg/marks.ts';
import { createInputs } from './inputs.ts';
import { createMediaServer } from './media-server/media-server.ts';
import type { Verdict } from './probe/health.ts';
import { probeCamera } from './probe/probe.ts';
import { createAddressPolicy, type Lookup } from './relay/address-policy.ts';
import type { DialPorts } from './relay/camera-connection.ts';
import type { Credential } from './relay/digest.ts';
import { createRelay } from './relay/relay.ts';
import { createStartAttempt } from './sessions/attempt.ts';
import { createDialGates } from './sessions/dial-gate.ts';
import type { SessionView } from './sessions/session.ts';
import { createSessions } from './sessions/sessions.ts';
import type { MediaSettings } from './settings.ts';
import { createImages, type Picture } from './snapshots/images.ts';
import { createSnapshots, type Snapshot, type SnapshotRequest } from './snapshots/snapshots.ts';
import { loadSources } from './source-kind.ts';
import { createSupervisor } from './supervisor.ts';
import { createTickets } from './viewer/tickets.ts';
import { createViewers } from './viewer/viewers.ts';

export interface MediaPlanePorts {
  settings: MediaSettings;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Asked at each dial; the answer is kept nowhere. */
  secrets: CameraSecrets;
  health: Health;
  cameras: CameraDirectory;
  /** A camera's health changed, or a good camera gave a picture at least a minute after the last told. */
  onHealth(cameraId: string, verdict: Verdict): void;
  /** For tests: another resolver of host names. */
  lookup?: Lookup;
}

export interface PlayGrant {
  ticket: string;
  /** WebSocket path on this server; opens once, before `expiresAtMs`. */
  flvUrl: string;
  state: 'starting' | 'ready';
  expiresAtMs: number;
}

export interface MediaStatus {
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
  play(cameraId: string, user: { userId: string; sessionId: string }): PlayGrant;
  /**
   * One JPEG; the caller has checked that they may. An old picture comes with `staleReason`. Throws
   * `AppError` when there is none at all: `camera.unreachable`, `camera.auth_failed`, …
   */
  snapshot(cameraId: string, request: SnapshotRequest): Promise<Snapshot>;
  /** For the HTTP server's `upgrade` event; false when the path is not of media. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Takes back tickets and closes sockets of a user, or of one session of theirs. */
  revoke(userId: string, sessionId?: string): void;
  /** A camera (or, without an id, any) was added, changed or removed. */
  refresh(cameraId?: string): void;
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

/** Longest wait for a camera's answer: below the watchdog, so that the reason is known when it strikes. */
const ANSWER_MS = 4000;

const systemLookup: Lookup = async (host) =>
  (await resolveHost(host, { all: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/** What exists once FFmpeg was found. */
type Running = Awaited<ReturnType<typeof assemble>>;

export function createMediaPlane(ports: MediaPlanePorts): MediaPlane {
  let running: Running | undefined;
  const images = createImages({ clock: ports.clock });

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
      running = await assemble(ports, ffmpeg, images);
    },
    async stop() {
      const ended = running;
      running = undefined;
      await ended?.stop();
      await images.stop();
    },
    play(cameraId, { userId, sessionId }) {
      const { sessions, tickets } = on();
      try {
        cameraToShow(ports.cameras, cameraId);
        const session = sessions.of(cameraId);
        // The stream is on its way while the browser opens its socket.
        session.expect();
        const state = session.view().phase === 'ready' || session.picture ? 'ready' : 'starting';
        const { ticket, expiresAtMs } = tickets.issue({ userId, sessionId, cameraId });
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
      if (!running) return;
      for (const id of running.supervisor.refresh(cameraId)) running.sessions.reset(id);
    },
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

/** Puts the parts together and starts them; each part knows its neighbours through this function only. */
async function assemble(ports: MediaPlanePorts, ffmpeg: Ffmpeg, images: ReturnType<typeof createImages>) {
  const { settings, clock, random, logger, cameras, secrets } = ports;
  const run = { clock, binary: ffmpeg.path, runDir: settings.runDir };
  const dial: DialPorts = {
    clock,
    policy: createAddressPolicy(settings.cameraSubnets),
    lookup: ports.lookup ?? systemLookup,
    answerMs: ANSWER_MS,
    maxBytesPerS: (settings.maxBitrateMbps * 1_000_000) / 8,
  };
  const sources = await loadSources();
  const relay = createRelay({ ...dial, logger });
  await relay.start();
  const mediaServer = createMediaServer({
    clock,
    logger,
    onState(state) {
      if (state === 'stopped') return;
      ports.health.set({
        component: 'media',
        state: state === 'ready' ? 'ok' : 'degraded',
        message:
          state === 'ready'
            ? {
                vi: `Video sẵn sàng (FFmpeg ${ffmpeg.version})`,
                en: `Video is ready (FFmpeg ${ffmpeg.version})`,
              }
            : { vi: 'Máy chủ video đang khởi động', en: 'The media server is starting' },
      });
    },
  });
  mediaServer.start();
  const inputs = createInputs({
    clock,
    cameras,
    secrets,
    sources,
    relay,
    dial,
    ffmpeg,
    run,
    mediaDir: settings.mediaDir,
    utcOffsetMin: settings.utcOffsetMin,
  });
  const gates = createDialGates({ monotonic: () => clock.monotonic(), random, limits: settings });
  const sessions = createSessions({
    clock,
    logger,
    gates,
    drainMs: settings.drainMs,
    maxSessions: settings.maxSessions,
    startAttempt: createStartAttempt({
      inputs,
      mediaServer,
      run,
      stallMs: settings.stallMs,
      startMs: settings.startMs,
      maxTranscodes: settings.maxTranscodes,
    }),
    onHealth: (id, event) =>
      event.type === 'picture' ? supervisor.pictureOfStream(id) : supervisor.observe(id, event),
  });
  const snapshots = createSnapshots({
    clock,
    inputs,
    run,
    images,
    sessions,
    gates,
    cacheBytes: settings.pictureCacheBytes,
    onHealth: (id, event) => supervisor.observe(id, event),
  });
  const supervisor = createSupervisor({
    clock,
    random,
    cameras,
    secrets,
    sources,
    inputs,
    dial,
    gates,
    sessions,
    snapshots,
    probeIntervalMs: settings.probeIntervalMs,
    frameIntervalMs: settings.frameIntervalMs,
    onHealth: ports.onHealth,
  });
  const tickets = createTickets({ now: () => clock.now(), lifeMs: settings.ticketMs });
  const viewers = createViewers({
    clock,
    logger,
    sessions,
    tickets,
    holdMs: settings.holdMs,
    limits: {
      lowBytes: settings.viewerLowBytes,
      maxBytes: settings.viewerMaxBytes,
      stuckMs: settings.viewerStuckMs,
    },
  });
  supervisor.start();

  return {
    ffmpeg,
    mediaServer,
    sessions,
    snapshots,
    supervisor,
    tickets,
    viewers,
    probe: (subject: Parameters<typeof probeCamera>[1]) =>
      probeCamera({ inputs, sources, dial, run, images }, subject),
    async stop() {
      supervisor.stop();
      viewers.stop();
      await sessions.stop();
      await mediaServer.stop();
      await relay.stop();
    },
  };
}
