import { type FlvTag, setTimestamp } from './flv.ts';

/**
 * One viewer's single timeline over one or more runs of a stream. A camera that went away and came back
 * continues where it stopped, so the player needs to know nothing; time never jumps and starts at 0.
 */
export interface Splicer {
  /** The next tags come from another run. */
  restart(): void;
  /** The tag with its new time, or undefined when the viewer must not get it. */
  place(tag: FlvTag): FlvTag | undefined;
}

/** Distance between the last picture of one run and the first of the next: a frame's time even at ten a second. */
const JOINT_MS = 100;

export function createSplicer(): Splicer {
  let lastOutMs = -JOINT_MS;
  let offsetMs: number | undefined;
  let sawKey = false;

  return {
    restart() {
      offsetMs = undefined;
      sawKey = false;
    },
    place(tag) {
      if (tag.kind === 'audio') return undefined;
      if (tag.kind === 'script' || tag.isSetup) {
        // Belongs to what follows it, whatever time it came with.
        setTimestamp(tag, lastOutMs + JOINT_MS);
        return tag;
      }
      // Without its key frame a picture is rubbish: a stream is joined in the middle.
      if (!sawKey && !tag.isKey) return undefined;
      sawKey = true;
      offsetMs ??= lastOutMs + JOINT_MS - tag.timestampMs;
      // Strictly later than the last, or a decoder takes two pictures for one.
      const out = Math.max(lastOutMs + 1, tag.timestampMs + offsetMs);
      lastOutMs = out;
      setTimestamp(tag, out);
      return tag;
    },
  };
}
