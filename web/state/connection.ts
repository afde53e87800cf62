import type { z } from 'zod';
import { create } from 'zustand';
import type { Centre, SystemStatus } from '../../core/api/centre.ts';
import type { ApiError } from './http.ts';

export type LinkState = 'idle' | 'connecting' | 'live' | 'offline';
export type System = z.infer<typeof SystemStatus>;

export interface ConnectionState {
  link: LinkState;
  /** When the present link state began. */
  sinceMs: number;
  /** Last frame or answer from the server, local clock. */
  lastHeardMs: number | null;
  serverStartId: string | null;
  /** Server clock minus this machine's, ms; null until the first answer. */
  skewMs: number | null;
  /** The system's own pulse, from `GET /system` and the `system` topic. */
  system: System | null;
  centre: Centre | null;
  centreError: ApiError | null;
}

export const useConnection = create<ConnectionState>(() => ({
  link: 'idle',
  sinceMs: Date.now(),
  lastHeardMs: null,
  serverStartId: null,
  skewMs: null,
  system: null,
  centre: null,
  centreError: null,
}));

export function setLink(link: LinkState, nowMs: number): void {
  if (useConnection.getState().link !== link) useConnection.setState({ link, sinceMs: nowMs });
}

/**
 * Takes one sample of the server's clock. The header has whole seconds, so a sample says "between 0 and 1 s
 * later than the header"; small differences are not a skew at all.
 */
export function noteServerTime(serverMs: number, localMs: number): void {
  const sample = serverMs + 500 - localMs;
  const present = useConnection.getState().skewMs;
  const next = present === null ? sample : present + (sample - present) * 0.2;
  useConnection.setState({ skewMs: next, lastHeardMs: localMs });
}

/** Now by the server's clock: ages are told by it, so that a wrong PC clock cannot make data look fresh. */
export function serverNow(): number {
  const { skewMs } = useConnection.getState();
  return Date.now() + (skewMs !== null && Math.abs(skewMs) > 2000 ? skewMs : 0);
}
