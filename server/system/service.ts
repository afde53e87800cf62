import { isDeepStrictEqual } from 'node:util';
import type { SystemStatus } from '../../core/api/centre.ts';
import type { Clock } from '../../core/clock.ts';
import type { EventMap } from '../../core/events.ts';
import { type Caller, unlimited } from '../../core/permissions.ts';
import type { Bus, Health, Logger } from '../../core/ports.ts';

/** How often the pulse of the system is felt, and at most told. */
const PULSE_MS = 2000;

interface Counts {
  devices: SystemStatus['devices'];
  cameras: SystemStatus['cameras'];
}

export interface StatusOptions {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  /** Devices and cameras within the caller's scope. */
  counts(caller: Caller): Promise<Counts>;
  ingest(): SystemStatus['ingest'];
  /** False = nobody would receive the pulse, so nothing is counted for it; absent = always felt. */
  isWatched?(): boolean;
}

export interface StatusService {
  /** What the caller may know: the platform's own figures, and counts of what is within the grant. */
  statusFor(caller: Caller): Promise<SystemStatus>;
  start(): void;
  stop(): void;
}

/** Sees everything; only for the pulse, which `server/live` gives to nobody with less. */
const WHOLE_CENTRE = unlimited('system');
const UP_TO_INTERNAL: Caller = {
  ...WHOLE_CENTRE,
  grants: WHOLE_CENTRE.grants.map((grant) => ({ ...grant, maxClass: 'internal' })),
};

export function createStatusService(options: StatusOptions): StatusService {
  const { bus, clock, logger, health, counts, ingest, isWatched } = options;
  const startedAt = new Date(clock.now()).toISOString();

  const assemble = ({ devices, cameras }: Counts): SystemStatus => {
    // Ingest counts more than belongs here: only what the contract names goes out.
    const { receivedTotal, storedTotal, duplicateTotal, quarantinedTotal, ratePerS, delayP50Ms, delayP99Ms } =
      ingest();
    return {
      startedAt,
      devices,
      cameras,
      ingest: {
        receivedTotal,
        storedTotal,
        duplicateTotal,
        quarantinedTotal,
        ratePerS,
        delayP50Ms,
        delayP99Ms,
      },
      health: health.items().map(({ sinceMs, ...item }) => ({
        ...item,
        since: new Date(sinceMs).toISOString(),
      })),
    };
  };

  let lastCounts: { internal: Counts; restricted: Counts } | undefined;
  let lastTold: EventMap['system.changed'] | undefined;
  let cancel = () => {};
  let stopped = false;

  const pulse = async () => {
    if (isWatched?.() === false) return;
    try {
      lastCounts = { internal: await counts(UP_TO_INTERNAL), restricted: await counts(WHOLE_CENTRE) };
    } catch (error) {
      // The fault itself must still be told, with the counts of before.
      logger.debug({ err: String(error) }, 'devices and cameras could not be counted');
    }
    if (!lastCounts || stopped) return;
    const status = {
      internal: assemble(lastCounts.internal),
      restricted: assemble(lastCounts.restricted),
    };
    if (isDeepStrictEqual(status, lastTold)) return;
    lastTold = status;
    bus.emit('system.changed', status);
  };
  const next = () => {
    if (stopped) return;
    cancel = clock.after(PULSE_MS, () => void pulse().finally(next));
  };

  return {
    statusFor: async (caller) => assemble(await counts(caller)),
    start: next,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
