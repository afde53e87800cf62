import { z } from 'zod';
import { Alert, AlertEvent } from '../../core/api/alerts.ts';
import { Camera } from '../../core/api/cameras.ts';
import { SystemStatus } from '../../core/api/centre.ts';
import { Class } from '../../core/api/common.ts';
import { Dispatch, Unit } from '../../core/api/dispatch.ts';
import type { Clock } from '../../core/clock.ts';
import type { LatestEvent, UnitPositionEvent } from '../../core/events.ts';
import type { Permission } from '../../core/permissions.ts';
import { createAlarmFeed } from './alarm-feed.ts';
import type { Api, Loaded } from './api.ts';
import { useConnection } from './connection.ts';
import type { EntityStore } from './entities.ts';
import { type ApiError, isApiError } from './http.ts';
import type { LiveEventFrame } from './live.ts';
import { may } from './session.ts';
import {
  moveUnits,
  readingsFromLive,
  readingsFromRest,
  useAlerts,
  useAreas,
  useCameras,
  useDevices,
  useDispatches,
  useLatest,
  useUnits,
} from './stores.ts';

const Latest = z.object({
  deviceId: z.string(),
  quantity: z.string(),
  unit: z.string(),
  timeMs: z.number(),
  value: z.number(),
  quality: z.number(),
  areaId: z.string().nullable(),
  domain: z.string().nullable(),
  agencyId: z.string().nullable(),
  class: Class,
  position: z.tuple([z.number(), z.number()]).nullable(),
});
const Fix = z.object({
  unitId: z.string(),
  timeMs: z.number(),
  lon: z.number(),
  lat: z.number(),
  speedKmh: z.number().nullable(),
  headingDeg: z.number().nullable(),
  accuracyM: z.number().nullable(),
  areaId: z.string().nullable(),
  agencyId: z.string().nullable(),
  class: Class,
});
const AlertChange = z.object({ seq: z.number(), alert: Alert, event: AlertEvent });

/** A fast firehose is drawn at most this often; alarms and dispatches are never held back. */
const FLUSH_MS = 250;

export interface AlertChanged {
  seq: number;
  alert: Alert;
  event: AlertEvent;
}

export interface SyncOptions {
  api: Api;
  clock: Clock;
  /** Every line of an alarm's history as it happens: for sounds, pulses and open detail panels. */
  onAlertChanged?(change: AlertChanged): void;
}

export interface Sync {
  /** Reads every store whole that the user may read; called after each (re)connection. */
  loadAll(): Promise<void>;
  /** States of devices and cameras change by the passing of time alone; no frame tells of that. */
  loadRegistry(): Promise<void>;
  onEvent(frame: LiveEventFrame): void;
  resumeFrom(): number;
  /** The sequence went backwards (a restored database): nothing remembered holds any more. */
  forgetSequence(): void;
  stop(): void;
}

export function createSync({ api, clock, onAlertChanged }: SyncOptions): Sync {
  const alarms = createAlarmFeed();
  let latest = new Map<string, LatestEvent>();
  let fixes = new Map<string, UnitPositionEvent>();
  let cancelFlush: (() => void) | undefined;

  const flush = () => {
    cancelFlush = undefined;
    const [values, moves] = [[...latest.values()], [...fixes.values()]];
    latest = new Map();
    fixes = new Map();
    if (values.length > 0) useLatest.put(readingsFromLive(values));
    if (moves.length > 0) moveUnits(moves);
  };
  const flushSoon = () => {
    cancelFlush ??= clock.after(FLUSH_MS, flush);
  };
  const load = async <K, T>(
    store: EntityStore<K, T>,
    permission: Permission,
    read: () => Promise<Loaded<T>>,
  ): Promise<void> => {
    if (!may(permission)) return;
    if (store.getState().status !== 'ready') store.setStatus('loading');
    try {
      const { rows, skipped } = await read();
      store.replaceAll(rows, { skipped, nowMs: clock.now() });
    } catch (error) {
      store.setStatus('error', asApiError(error));
    }
  };

  return {
    async loadAll() {
      await Promise.all([
        load(useAlerts, 'alerts.read', async () => {
          const loaded = await api.openAlerts();
          return { ...loaded, rows: alarms.loaded(loaded.rows) };
        }),
        load(useUnits, 'units.read', () => api.units()),
        load(useDispatches, 'units.read', () => api.dispatches()),
        load(useDevices, 'devices.read', () => api.devices()),
        load(useCameras, 'cameras.read', () => api.cameras()),
        load(useAreas, 'areas.read', () => api.areas()),
        load(useLatest, 'observations.read', async () => {
          const { rows, skipped } = await api.latest();
          return { rows: readingsFromRest(rows), skipped };
        }),
        may('system.read')
          ? api.system().then(
              (system) => useConnection.setState({ system }),
              () => undefined,
            )
          : undefined,
      ]);
    },
    async loadRegistry() {
      await Promise.all([
        load(useDevices, 'devices.read', () => api.devices()),
        load(useCameras, 'cameras.read', () => api.cameras()),
      ]);
    },
    onEvent(frame) {
      switch (frame.event) {
        case 'alert.changed': {
          const change = AlertChange.safeParse(frame.data);
          if (!change.success) return;
          if (alarms.changed(change.data)) onAlertChanged?.(change.data);
          return;
        }
        case 'latest.changed':
          for (const row of rowsOf(Latest, frame.data)) latest.set(`${row.deviceId}\n${row.quantity}`, row);
          return flushSoon();
        case 'unit.moved':
          for (const fix of rowsOf(Fix, frame.data)) fixes.set(fix.unitId, fix);
          return flushSoon();
        case 'unit.changed':
          return useUnits.put(rowsOf(Unit, frame.data));
        case 'dispatch.changed':
          return useDispatches.put(rowsOf(Dispatch, frame.data));
        case 'camera.changed':
          return useCameras.put(rowsOf(Camera, frame.data));
        case 'system.changed': {
          const [system] = rowsOf(SystemStatus, frame.data);
          if (system) useConnection.setState({ system });
        }
      }
    },
    resumeFrom: () => alarms.lastSeq(),
    forgetSequence: () => alarms.forget(),
    stop() {
      cancelFlush?.();
      cancelFlush = undefined;
    },
  };
}

/** One row or many, each checked alone: one that is unreadable does not take the others with it. */
function rowsOf<S extends z.ZodType>(schema: S, data: unknown): z.infer<S>[] {
  return (Array.isArray(data) ? data : [data]).flatMap((row) => {
    const parsed = schema.safeParse(row);
    return parsed.success ? [parsed.data] : [];
  });
}

function asApiError(error: unknown): ApiError | null {
  return isApiError(error) ? error : null;
}
