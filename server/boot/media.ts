import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Health, Logger } from '../../core/ports.ts';
import {
  createMediaPlane,
  type MediaPlane,
  type MediaPlanePorts,
  MediaSettings,
} from '../../streams/index.ts';
import type { Settings } from './settings.ts';

/** The media plane with the centre's settings. Cameras and credentials come from the registry. */
export function createMedia(options: {
  settings: Settings;
  /** IANA name, for the clock drawn into test pictures. */
  timezone: string;
  clock: Clock;
  logger: Logger;
  health: Health;
  cameras: MediaPlanePorts['cameras'];
  secrets: MediaPlanePorts['secrets'];
  onHealth: MediaPlanePorts['onHealth'];
}): MediaPlane {
  const { settings, timezone, clock, logger, health, cameras, secrets, onHealth } = options;
  const { ffmpegPath, searchPath, cameraSubnets, probeIntervalS } = settings.media;
  return createMediaPlane({
    settings: MediaSettings.parse({
      ffmpegPath,
      searchPath,
      cameraSubnets,
      probeIntervalMs: probeIntervalS * 1000,
      runDir: resolve(settings.dataDir, 'run', 'media'),
      mediaDir: join(resolve(settings.dataDir), 'media', 'sources'),
      utcOffsetMin: offsetMinutes(timezone, clock.now()),
    }),
    clock,
    random: { next: () => randomBytes(4).readUInt32BE() / 2 ** 32 },
    logger,
    health,
    cameras,
    secrets,
    onHealth,
  });
}

function offsetMinutes(timezone: string, nowMs: number): number {
  const part = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' })
    .formatToParts(nowMs)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(part ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
