import { useSyncExternalStore } from 'react';
import { serverNow } from './connection.ts';

interface Pace {
  listeners: Set<() => void>;
  valueMs: number;
  stop(): void;
}
const paces = new Map<number, Pace>();

/** The server's time, drawn again every `everyMs`. One timer per pace serves the whole page. */
export function useNow(everyMs = 1000): number {
  return useSyncExternalStore(
    (listener) => subscribe(everyMs, listener),
    () => read(everyMs),
  );
}

function subscribe(everyMs: number, listener: () => void): () => void {
  const pace = paces.get(everyMs) ?? begin(everyMs);
  pace.listeners.add(listener);
  return () => {
    pace.listeners.delete(listener);
    if (pace.listeners.size > 0) return;
    pace.stop();
    paces.delete(everyMs);
  };
}

function begin(everyMs: number): Pace {
  let timer: ReturnType<typeof setTimeout>;
  const pace: Pace = { listeners: new Set(), valueMs: serverNow(), stop: () => clearTimeout(timer) };
  const schedule = () => {
    // Aligned to the pace, so that the clock's seconds change when they do.
    timer = setTimeout(
      () => {
        pace.valueMs = serverNow();
        for (const call of pace.listeners) call();
        schedule();
      },
      everyMs - (serverNow() % everyMs) + 5,
    );
  };
  schedule();
  paces.set(everyMs, pace);
  return pace;
}

/** Whole paces before the first tick: a snapshot must not change between two reads of one render. */
function read(everyMs: number): number {
  return paces.get(everyMs)?.valueMs ?? Math.floor(serverNow() / everyMs) * everyMs;
}
