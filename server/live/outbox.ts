import type { LiveTopic } from '../../core/events.ts';
import type { LiveItem } from './items.ts';

/** A frame holds at most this many items, so that no frame is larger than a hundred kilobytes or so. */
const ITEMS_PER_FRAME = 500;

interface Frame {
  topic: LiveTopic;
  event: string;
  listed: boolean;
  items: LiveItem[];
}

export interface Outbox {
  /** Keeps the item as the latest of its key. `held` = the client is slow: what it replaces counts as folded. */
  put(item: LiveItem, held: boolean): void;
  /** Bodies of the frames to send now, and what was folded since the last time; leaves the outbox empty. */
  take(): { frames: Frame[]; folded: [LiveTopic, number][] };
  clear(): void;
  readonly size: number;
}

/** What waits for one client: the last value per key, so that it is never larger than the world it looks at. */
export function createOutbox(): Outbox {
  let waiting = new Map<string, LiveItem>();
  let folded = new Map<LiveTopic, number>();
  return {
    get size() {
      return waiting.size;
    },
    put(item, held) {
      if (held && waiting.has(item.key)) folded.set(item.topic, (folded.get(item.topic) ?? 0) + 1);
      // Deleted first, so that the order is that of the latest changes.
      waiting.delete(item.key);
      waiting.set(item.key, item);
    },
    take() {
      const byEvent = new Map<string, LiveItem[]>();
      for (const item of waiting.values()) {
        const list = byEvent.get(item.event);
        if (list) list.push(item);
        else byEvent.set(item.event, [item]);
      }
      const frames: Frame[] = [];
      for (const items of byEvent.values()) {
        const [first] = items;
        if (!first) continue;
        const perFrame = first.listed ? ITEMS_PER_FRAME : 1;
        for (let i = 0; i < items.length; i += perFrame) {
          const { topic, event, listed } = first;
          frames.push({ topic, event, listed, items: items.slice(i, i + perFrame) });
        }
      }
      const counts = [...folded];
      waiting = new Map();
      folded = new Map();
      return { frames, folded: counts };
    },
    clear() {
      waiting = new Map();
      folded = new Map();
    },
  };
}
