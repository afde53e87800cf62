import { useSyncExternalStore } from 'react';
import { serverNow } from './connection.ts';

/** One timer per pace serves the whole page. */
interface Pace {
  subscribe(listener: () => void): () => void;
  read(): number;
}
const paces = new Map<number, Pace>();

/** The server's time, drawn again every `everyMs`. */
export function useNow(everyMs = 1000): number {
  const pace = paceOf(everyMs);
  return useSyncExternalStore(pace.subscribe, pace.read);
}

function paceOf(everyMs: number): Pace {
  let pace = paces.get(everyMs);
  if (!pace) {
    pace = makePace(everyMs);
    paces.set(everyMs, pace);
  }
  return pace;
}

function makePace(everyMs: number): Pace {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Whole paces: a snapshot must not change between two reads of one render.
  const present = () => Math.floor(serverNow() / everyMs) * everyMs;
  let valueMs = present();
  const schedule = () => {
    // Aligned, so that the clock's seconds change when they do.
    timer = setTimeout(
      () => {
        valueMs = present();
        schedule();
        for (const call of listeners) call();
      },
      everyMs - (serverNow() % everyMs) + 5,
    );
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) {
        valueMs = present();
        schedule();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    read: () => (listeners.size === 0 ? present() : valueMs),
  };
}
