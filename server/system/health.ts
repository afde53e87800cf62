import type { Clock } from '../../core/clock.ts';
import type { Health, HealthItem } from '../../core/ports.ts';

/** What the product says about itself, one item per component, in the order in which they first spoke. */
export function createHealth(clock: Clock): Health {
  const items = new Map<string, HealthItem>();
  return {
    set(item) {
      const before = items.get(item.component);
      // The message may tell more as time goes on; how long it has been so is the age of the state.
      const sinceMs = before?.state === item.state ? before.sinceMs : clock.now();
      items.set(item.component, { ...item, sinceMs });
    },
    items: () => [...items.values()],
  };
}
