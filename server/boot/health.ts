import type { Clock } from '../../core/clock.ts';
import type { Health, HealthItem } from '../../core/ports.ts';

export function createHealth(clock: Clock): Health {
  const items = new Map<string, HealthItem>();
  return {
    set(item) {
      const before = items.get(item.component);
      const sinceMs = before && before.state === item.state ? before.sinceMs : clock.now();
      items.set(item.component, { ...item, sinceMs });
    },
    items: () => [...items.values()],
  };
}
