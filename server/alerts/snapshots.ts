import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Alert } from '../../core/api/alerts.ts';
import type { Clock } from '../../core/clock.ts';
import { isAppError } from '../../core/errors.ts';
import { classesUpTo } from '../../core/permissions.ts';
import type { Bus, Database, Health, Logger } from '../../core/ports.ts';
import type { AlertService } from './service.ts';
import * as q from './sql.ts';

/** Where pictures come from; boot connects it to the media plane. Errors are `camera.*`. */
export interface SnapshotSource {
  snapshot(cameraId: string): Promise<{ jpeg: Buffer; takenAtMs: number }>;
}

export interface SnapshotSettings {
  /** Without a camera that sees the place, the nearest within this is asked. */
  nearM: number;
  /** How far a camera is taken to see, whatever its registration says. */
  seesWithinM: number;
  concurrency: number;
  /** Alerts that wait for their picture; beyond, new ones go without (and are counted). */
  queueMax: number;
  timeoutMs: number;
  /** What was raised longer ago, by replayed or late data, has no picture of its moment any more. */
  freshMs: number;
}

const SNAPSHOT_SETTINGS: SnapshotSettings = {
  nearM: 2000,
  seesWithinM: 10_000,
  concurrency: 2,
  queueMax: 200,
  timeoutMs: 20_000,
  freshMs: 600_000,
};

const OWNER = 'alerts.snapshots';
/** Cameras asked for one alert before it stays without a picture. */
const CANDIDATES = 3;

export interface Snapshots {
  start(): void;
  /** Ends listening; resolves when pictures under way are stored. */
  stop(): Promise<void>;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/**
 * After an alert with a place was raised, keeps a picture from the camera that sees it. Never holds anybody up:
 * what fails becomes a line in the alert's history.
 */
export function createSnapshots(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  alerts: Pick<AlertService, 'append' | 'announce'>;
  source: SnapshotSource;
  /** Absolute folder of stored media. */
  mediaDir: string;
  settings?: Partial<SnapshotSettings>;
}): Snapshots {
  const { database, bus, clock, logger, health, alerts, source, mediaDir } = deps;
  const settings = { ...SNAPSHOT_SETTINGS, ...deps.settings };
  const queue: Alert[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;
  let dropped = 0;

  const store = async (jpeg: Buffer, takenAtMs: number) => {
    const day = new Date(takenAtMs).toISOString();
    const id = randomUUID();
    const file = `alerts/${day.slice(0, 4)}/${day.slice(5, 7)}/${id}.jpg`;
    const path = join(mediaDir, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(`${path}.part`, 'wx', 0o600);
    try {
      await handle.writeFile(jpeg);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.part`, path);
    return { id, file, path, sha256: createHash('sha256').update(jpeg).digest('hex') };
  };

  const take = async (alert: Alert, camera: q.CameraCandidateRow) => {
    const { jpeg, takenAtMs } = await withTimeout(source.snapshot(camera.id), settings.timeoutMs, clock);
    const stored = await store(jpeg, takenAtMs);
    try {
      const changes = await database.transaction(async (tx) => {
        await tx.query(q.lockAlerts());
        await tx.query(
          q.insertSnapshot({
            id: stored.id,
            alertId: alert.id,
            cameraId: camera.id,
            cameraName: camera.name,
            distanceM: camera.distance_m,
            takenAtMs,
            file: stored.file,
            sha256: stored.sha256,
            bytes: jpeg.length,
          }),
        );
        return await alerts.append(tx, {
          alertId: alert.id,
          kind: 'snapshot',
          actor: 'system',
          text: null,
          data: {
            cameraId: camera.id,
            cameraName: camera.name,
            sees: camera.sees,
            distanceM: Math.round(camera.distance_m),
            takenAt: new Date(takenAtMs).toISOString(),
            sha256: stored.sha256,
          },
        });
      });
      alerts.announce(changes);
    } catch (error) {
      // A file that no row names would stay for ever.
      await rm(stored.path, { force: true });
      throw error;
    }
  };

  const work = async (alert: Alert) => {
    if (!alert.position) return;
    const cameras = await database.query<q.CameraCandidateRow>(
      q.camerasFor(alert.position, {
        ...settings,
        limit: CANDIDATES,
        // A picture must not travel further than its camera may.
        classes: classesUpTo(alert.class),
      }),
    );
    const failures: { cameraId: string; cameraName: string; code: string }[] = [];
    for (const camera of cameras) {
      try {
        await take(alert, camera);
        return;
      } catch (error) {
        const code = isAppError(error) ? error.code : 'internal';
        logger.warn({ alertId: alert.id, cameraId: camera.id, code, err: String(error) }, 'no snapshot');
        failures.push({ cameraId: camera.id, cameraName: camera.name, code });
      }
    }
    if (failures.length === 0) return;
    const names = failures.map((failure) => `${failure.cameraName} (${failure.code})`).join(', ');
    const explanation = {
      vi: `Không chụp được ảnh từ camera: ${names}`,
      en: `No picture from cameras: ${names}`,
    };
    const changes = await database.transaction((tx) =>
      alerts.append(tx, {
        alertId: alert.id,
        kind: 'snapshot',
        actor: 'system',
        text: explanation.vi,
        data: { failures, explanation },
      }),
    );
    alerts.announce(changes);
  };

  const pump = () => {
    while (running < settings.concurrency) {
      const alert = queue.shift();
      if (!alert) break;
      running += 1;
      work(alert)
        .catch((error) => logger.error({ alertId: alert.id, err: String(error) }, 'snapshot not recorded'))
        .finally(() => {
          running -= 1;
          pump();
        });
    }
    if (running > 0 || queue.length > 0) return;
    if (dropped > 0) {
      logger.warn({ dropped }, 'alerts without a picture: too many at once');
      health.set({
        component: 'alerts.snapshots',
        state: 'ok',
        message: { vi: 'Ảnh cảnh báo bình thường', en: 'Alert pictures are normal' },
      });
      dropped = 0;
    }
    for (const resolve of waiting.splice(0)) resolve();
  };

  const idle = () =>
    new Promise<void>((resolve) => {
      if (running === 0 && queue.length === 0) resolve();
      else waiting.push(resolve);
    });

  return {
    idle,
    start() {
      bus.on(OWNER, 'alert.changed', ({ alert, event }) => {
        if (event.kind !== 'raised' || alert.position === null) return;
        if (clock.now() - Date.parse(alert.raisedAt) > settings.freshMs) return;
        if (queue.length >= settings.queueMax) {
          if (dropped === 0) {
            health.set({
              component: 'alerts.snapshots',
              state: 'degraded',
              message: {
                vi: 'Quá nhiều cảnh báo cùng lúc, một số không có ảnh',
                en: 'Too many alerts at once, some have no picture',
              },
            });
          }
          dropped += 1;
          return;
        }
        queue.push(alert);
        pump();
      });
    },
    async stop() {
      bus.off(OWNER);
      queue.length = 0;
      await idle();
    },
  };
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(timeoutMs, () => reject(new Error(`no picture within ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}
