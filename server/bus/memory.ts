import type { EventMap } from '../../core/events.ts';
import type { Bus, Logger } from '../../core/ports.ts';

type AnyListener = (data: never) => void;

/**
 * The bus of one process. Delivery is synchronous, in the order of registration; a listener that throws is logged
 * under its owner and the others still get the event.
 */
export function createMemoryBus(logger: Logger): Bus {
  const listeners = new Map<keyof EventMap, Set<{ owner: string; listener: AnyListener }>>();
  return {
    emit(event, data) {
      for (const { owner, listener } of listeners.get(event) ?? []) {
        try {
          (listener as (data: EventMap[typeof event]) => void)(data);
        } catch (error) {
          logger.error({ owner, event, err: String(error) }, 'bus listener failed');
        }
      }
    },
    on(owner, event, listener) {
      const entry = { owner, listener: listener as AnyListener };
      let set = listeners.get(event);
      if (!set) {
        set = new Set();
        listeners.set(event, set);
      }
      set.add(entry);
      return () => set.delete(entry);
    },
    off(owner) {
      for (const set of listeners.values())
        for (const entry of set) if (entry.owner === owner) set.delete(entry);
    },
  };
}
