/** Sends what every simulated device measures, each at its own beat, through its own connection. */
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/ports.ts';
import type { LonLat } from '../../../core/reading.ts';
import { type DeviceTypes, type Motion, nextSendMs, type World } from '../../../devices/index.ts';
import type { Modem } from './modem.ts';
import type { Life } from './seed.ts';
import { outageAt } from './world.ts';

export interface SimulatedDevice {
  id: string;
  type: string;
  position: LonLat;
  intervalS: number;
  properties: Readonly<Record<string, unknown>>;
  modem: Modem;
  /** Newly registered: its logger holds the last day, which it sends now. */
  hasHistory: boolean;
}

export interface SimulationOptions {
  life: Life;
  world: World;
  types: DeviceTypes;
  devices: readonly SimulatedDevice[];
  motionOf(deviceId: string, timeMs: number): Motion | undefined;
  startMs: number;
  clock: Clock;
  logger: Logger;
}

export interface Simulation {
  start(): void;
  stop(): void;
  stats(): { sent: number; skipped: number };
}

/** Never sleeps longer, so that a clock that was set forward is noticed. */
const MAX_SLEEP_MS = 1000;
/** Older beats than this are not made up for: the machine slept, or the process was stopped. */
const MAX_LATE_MS = 5000;
const HISTORY_H = 24;
const HISTORY_STEP_S = 600;
const HISTORY_BATCH = 24;
/** Between two batches of history: 65 000 values in about two minutes, beside the live ones. */
const HISTORY_PAUSE_MS = 350;
const HISTORY_TRIES = 5;
const HISTORY_RETRY_MS = 2000;

export function createSimulation(options: SimulationOptions): Simulation {
  const { life, world, types, startMs, clock, logger } = options;
  const stats = { sent: 0, skipped: 0 };
  const due = new Map<SimulatedDevice, number>();
  const isOut = new Set<string>();
  /** Devices that have not been heard yet: they try every second until their connection stands. */
  const silent = new Set<SimulatedDevice>(options.devices);
  let cancel = () => {};
  let stopped = false;

  const bodyOf = (device: SimulatedDevice, timeMs: number, intervalS: number) =>
    types.get(device.type)?.simulate({
      seed: life.seed,
      deviceId: device.id,
      timeMs,
      position: device.position,
      intervalS,
      world,
      properties: device.properties,
      motion: options.motionOf(device.id, timeMs),
    });

  const send = (device: SimulatedDevice, timeMs: number) => {
    const out = outageAt(life, device.id, timeMs - startMs);
    if (out !== isOut.has(device.id)) {
      if (out) isOut.add(device.id);
      else isOut.delete(device.id);
      if (out) device.modem.dropOut();
      else device.modem.restore();
    }
    if (out || !device.modem.send(bodyOf(device, timeMs, device.intervalS))) {
      stats.skipped++;
      return false;
    }
    stats.sent++;
    silent.delete(device);
    return true;
  };

  const beat = () => {
    const now = clock.now();
    let next = now + MAX_SLEEP_MS;
    for (const [device, atMs] of due) {
      let timeMs = atMs;
      if (timeMs <= now) {
        const heard = now - timeMs < MAX_LATE_MS && send(device, timeMs);
        timeMs =
          heard || !silent.has(device)
            ? nextSendMs(life.seed, device.id, device.intervalS, now)
            : now + MAX_SLEEP_MS;
        due.set(device, timeMs);
      }
      next = Math.min(next, timeMs);
    }
    if (!stopped) cancel = clock.after(Math.max(1, next - now), beat);
  };

  /** What a logger kept: complete messages of the past, oldest first. */
  const history = function* () {
    for (let batch = 0; batch * HISTORY_BATCH * HISTORY_STEP_S < HISTORY_H * 3600; batch++)
      for (const device of options.devices) {
        if (!device.hasHistory || types.get(device.type)?.mobile) continue;
        const readings: unknown[] = [];
        for (let i = 0; i < HISTORY_BATCH; i++) {
          const agoS = (batch * HISTORY_BATCH + i + 1) * HISTORY_STEP_S;
          readings.unshift(bodyOf(device, startMs - agoS * 1000, HISTORY_STEP_S));
        }
        yield { device, body: { readings } };
      }
  };

  const sendHistory = () => {
    const batches = history();
    let lost = 0;
    const step = (again?: { device: SimulatedDevice; body: unknown; tries: number }) => {
      if (stopped) return;
      const next = again ?? batches.next().value;
      if (!next) return logger.info({ lost }, 'the simulated loggers have sent the last day');
      const tries = 'tries' in next ? next.tries : 0;
      // One at a time: history waits for the acknowledgement, so it never crowds out what is live.
      next.device.modem.deliver(next.body).then(
        () => clock.after(HISTORY_PAUSE_MS, () => step()),
        () => {
          if (tries < HISTORY_TRIES) clock.after(HISTORY_RETRY_MS, () => step({ ...next, tries: tries + 1 }));
          else {
            lost++;
            clock.after(HISTORY_PAUSE_MS, () => step());
          }
        },
      );
    };
    step();
  };

  return {
    start() {
      for (const device of options.devices) due.set(device, clock.now());
      beat();
      if (options.devices.some((device) => device.hasHistory)) clock.after(3000, sendHistory);
    },
    stop() {
      stopped = true;
      cancel();
    },
    stats: () => ({ ...stats }),
  };
}
