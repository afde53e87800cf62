import { describe, expect, it } from 'vitest';
import { createBacklog } from './backlog.ts';
import type { FlvTag } from './flv.ts';

const tag = (part: Partial<FlvTag>): FlvTag => ({
  kind: 'video',
  timestampMs: 0,
  isKey: false,
  isSetup: false,
  data: Buffer.alloc(0),
  ...part,
});
const key = tag({ isKey: true });
const inter = tag({});
const limits = { lowBytes: 1000, maxBytes: 8000, stuckMs: 30_000 };

describe('a viewer with a slow network', () => {
  it('is dropped forward to the next key frame that finds room', () => {
    const backlog = createBacklog(limits);
    const decide = (item: FlvTag, buffered: number, at = 0) => backlog.decide(item, buffered, at);
    expect(decide(key, 0)).toBe('send');
    expect(decide(inter, 1000)).toBe('send');
    expect(decide(inter, 1001)).toBe('drop');
    expect(decide(key, 900)).toBe('drop');
    expect(decide(inter, 100)).toBe('drop');
    expect(decide(tag({ isSetup: true }), 100)).toBe('send');
    expect(decide(key, 100)).toBe('send');
    expect(decide(inter, 100)).toBe('send');
    expect(backlog.dropped).toBe(3);
  });

  it('is closed when too much waits for it, or when it stays behind', () => {
    expect(createBacklog(limits).decide(key, 8001, 0)).toBe('close');
    const backlog = createBacklog(limits);
    expect(backlog.decide(inter, 2000, 0)).toBe('drop');
    expect(backlog.decide(inter, 2000, 30_000)).toBe('drop');
    expect(backlog.decide(inter, 2000, 30_001)).toBe('close');
  });
});
