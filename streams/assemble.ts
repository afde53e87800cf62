import type { Clock, Random } from '../core/clock.ts';
import type { Health, Logger } from '../core/ports.ts';
import type { CameraDirectory, CameraSecrets } from './cameras.ts';
import { createCredentials } from './credentials.ts';
import type { Ffmpeg } from './ffmpeg/find.ts';
import { createInputs } from './inputs.ts';
import { createMediaServer } from './media-server/media-server.ts';
import type { Verdict } from './probe/health.ts';
import { probeCamera } from './probe/probe.ts';
import type { AddressPolicy, Lookup } from './relay/address-policy.ts';
import type { DialPorts } from './relay/camera-connection.ts';
import { createRelay } from './relay/relay.ts';
import { createStartAttempt } from './sessions/attempt.ts';
import { createDialGates } from './sessions/dial-gate.ts';
import { createSessions } from './sessions/sessions.ts';
import type { MediaSettings } from './settings.ts';
import type { Images } from './snapshots/images.ts';
import { createSnapshots } from './snapshots/snapshots.ts';
import type { SourceRegistry } from './source-kind.ts';
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

/** Longest wait for a camera's answer: below the watchdog, so that the reason is known when it strikes. */
const ANSWER_MS = 4000;

/** What exists once FFmpeg was found. */
export type Running = Awaited<ReturnType<typeof assemble>>;

/** Puts the parts together and starts them; each part knows its neighbours through this function only. */
export async function assemble(
  ports: MediaPlanePorts,
  found: { ffmpeg: Ffmpeg; images: Images; policy: AddressPolicy; lookup: Lookup; sources: SourceRegistry },
) {
  const { settings, clock, random, logger, cameras } = ports;
  const { ffmpeg, images, policy, lookup, sources } = found;
  const credentials = createCredentials(ports.secrets);
  const secrets = credentials.of;
  const run = { clock, binary: ffmpeg.path, runDir: settings.runDir };
  const dial: DialPorts = {
    clock,
    policy,
    lookup,
    answerMs: ANSWER_MS,
    maxBytesPerS: (settings.maxBitrateMbps * 1_000_000) / 8,
  };
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
    credentials,
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
