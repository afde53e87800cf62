import type { FlvTag } from './flv.ts';

export interface BacklogLimits {
  lowBytes: number;
  maxBytes: number;
  stuckMs: number;
}

/**
 * What to do with the next tag of a viewer whose network is slow: overflow rule of the media sockets.
 * Above `lowBytes` everything is dropped up to the next key frame that finds room; who has `maxBytes`
 * waiting, or stays behind for `stuckMs`, is closed. Pure but for its own memory.
 */
export interface Backlog {
  decide(tag: FlvTag, bufferedBytes: number, nowMs: number): 'send' | 'drop' | 'close';
  readonly dropped: number;
}

export function createBacklog(limits: BacklogLimits): Backlog {
  let behindSinceMs: number | undefined;
  let dropped = 0;
  return {
    get dropped() {
      return dropped;
    },
    decide(tag, bufferedBytes, nowMs) {
      if (bufferedBytes > limits.maxBytes) return 'close';
      if (behindSinceMs === undefined && bufferedBytes > limits.lowBytes) behindSinceMs = nowMs;
      if (behindSinceMs === undefined) return 'send';
      if (nowMs - behindSinceMs > limits.stuckMs) return 'close';
      // Half the bound, so that one key frame does not put the viewer behind again at once.
      if (bufferedBytes <= limits.lowBytes / 2 && tag.isKey) {
        behindSinceMs = undefined;
        return 'send';
      }
      // Set-up is small and later pictures cannot be decoded without it.
      if (tag.isSetup) return 'send';
      dropped++;
      return 'drop';
    },
  };
}
