import type { Random } from '../../core/clock.ts';
import type { FailureCode } from '../failure.ts';

/**
 * When a camera may be dialled again. One gate per camera, shared by viewers, snapshots and the probe, so
 * that together they do not knock more often than one of them may: cameras lock accounts and fall over.
 */
export interface DialGate {
  /** Failures in a row. */
  failures: number;
  /** Of these, refused credentials in a row. */
  refusals: number;
  /** Monotonic ms before which nobody dials. */
  openAtMs: number;
  lastCode: FailureCode | undefined;
}

export interface GateLimits {
  retryMinMs: number;
  retryMaxMs: number;
}

export const OPEN_GATE: DialGate = { failures: 0, refusals: 0, openAtMs: 0, lastCode: undefined };

/** Wrong passwords that a camera gets to hear before it is left alone for a minute and more. */
const MAX_REFUSALS = 3;
const REFUSED_MS = [60_000, 120_000, 300_000];
/** A stream that ran this long and broke is tried again at once. */
export const STABLE_MS = 30_000;
const QUICK_RETRY_MS = 1000;

/** Failures that say nothing about the camera. */
const OURS: ReadonlySet<FailureCode> = new Set(['media_server', 'media_off', 'busy']);

/**
 * The gate after a failed dial. Pauses double from the shortest to the longest, each up to a quarter longer
 * by chance, so that cameras which fell together do not come back together.
 */
export function afterFailure(
  gate: DialGate,
  code: FailureCode,
  nowMs: number,
  limits: GateLimits,
  random: Random,
): DialGate {
  const stretch = 1 + random.next() / 4;
  if (OURS.has(code)) return { ...gate, lastCode: code, openAtMs: nowMs + 300 * stretch };
  const failures = gate.failures + 1;
  const refusals = code === 'auth_failed' ? gate.refusals + 1 : 0;
  const doubled = Math.min(limits.retryMaxMs, limits.retryMinMs * 2 ** Math.min(failures - 1, 16));
  const locked =
    refusals >= MAX_REFUSALS
      ? (REFUSED_MS[Math.min(refusals - MAX_REFUSALS, REFUSED_MS.length - 1)] ?? 0)
      : 0;
  return { failures, refusals, openAtMs: nowMs + Math.max(doubled, locked) * stretch, lastCode: code };
}

/** The gate after a stream that had run well for a while broke off. */
function afterStableRun(code: FailureCode, nowMs: number): DialGate {
  return { failures: 1, refusals: 0, openAtMs: nowMs + QUICK_RETRY_MS, lastCode: code };
}

export interface DialGates {
  waitMs(cameraId: string): number;
  failed(cameraId: string, code: FailureCode): void;
  brokeAfterStableRun(cameraId: string, code: FailureCode): void;
  /** A picture came: the gate opens and half of the past is forgiven, so that one who flaps still waits longer. */
  succeeded(cameraId: string): void;
  forget(cameraId: string): void;
  /** Why the last dial failed. */
  lastCode(cameraId: string): FailureCode | undefined;
}

export function createDialGates(ports: {
  monotonic: () => number;
  random: Random;
  limits: GateLimits;
}): DialGates {
  const gates = new Map<string, DialGate>();
  const of = (id: string) => gates.get(id) ?? OPEN_GATE;
  return {
    waitMs: (id) => Math.max(0, of(id).openAtMs - ports.monotonic()),
    failed(id, code) {
      gates.set(id, afterFailure(of(id), code, ports.monotonic(), ports.limits, ports.random));
    },
    brokeAfterStableRun(id, code) {
      gates.set(id, afterStableRun(code, ports.monotonic()));
    },
    succeeded(id) {
      const failures = Math.floor(of(id).failures / 2);
      if (failures === 0) gates.delete(id);
      else gates.set(id, { ...OPEN_GATE, failures });
    },
    forget: (id) => gates.delete(id),
    lastCode: (id) => of(id).lastCode,
  };
}
