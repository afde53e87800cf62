import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFlvReader, FLV_HEADER, FlvSyntaxError, type FlvTag, MAX_TAG_BYTES } from './flv.ts';
import { createSplicer } from './splice.ts';

type Kind = 'script' | 'audio' | 'setup' | 'key' | 'inter';

function flvTag(kind: Kind, timestampMs: number, size = 20): Buffer {
  const body = Buffer.alloc(size, 0xaa);
  if (kind === 'setup') body.set([0x17, 0]);
  if (kind === 'key') body.set([0x17, 1]);
  if (kind === 'inter') body.set([0x27, 1]);
  const head = Buffer.alloc(11);
  head[0] = kind === 'script' ? 18 : kind === 'audio' ? 8 : 9;
  head.writeUIntBE(size, 1, 3);
  head.writeUIntBE(timestampMs & 0xffffff, 4, 3);
  head[7] = timestampMs >>> 24;
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(size + 11);
  return Buffer.concat([head, body, tail]);
}

/** As the media server writes it: sound and video announced. */
const SERVER_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0]);
const kinds = fc.constantFrom<Kind>('script', 'audio', 'setup', 'key', 'inter');
const tags = fc.array(
  fc.tuple(kinds, fc.integer({ min: 0, max: 0x7fffffff }), fc.integer({ min: 2, max: 400 })),
  {
    maxLength: 20,
  },
);

describe('the FLV reader', () => {
  it('gives the same tags however the bytes are cut', () => {
    fc.assert(
      fc.property(
        tags,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
        (list, sizes) => {
          const written = list.map(([kind, at, size]) => flvTag(kind, at, size));
          const bytes = Buffer.concat([SERVER_HEADER, ...written]);
          const reader = createFlvReader();
          const read: FlvTag[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            read.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))));
            at += size;
          }
          expect(read.map((tag) => tag.data.toString('hex'))).toEqual(
            written.map((tag) => tag.toString('hex')),
          );
          expect(read.map((tag) => tag.timestampMs)).toEqual(list.map(([, at]) => at));
          expect(read.map((tag) => [tag.isKey, tag.isSetup])).toEqual(
            list.map(([kind]) => [kind === 'key', kind === 'setup']),
          );
        },
      ),
    );
  });

  it('throws nothing but syntax errors on rubbish', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }),
        (proper, chunks) => {
          const reader = createFlvReader();
          try {
            if (proper) reader.push(SERVER_HEADER);
            for (const chunk of chunks) reader.push(Buffer.from(chunk));
          } catch (error) {
            expect(error).toBeInstanceOf(FlvSyntaxError);
          }
        },
      ),
    );
  });

  it('refuses a tag of a size that no camera sends, before it came', () => {
    const reader = createFlvReader();
    reader.push(SERVER_HEADER);
    const head = Buffer.alloc(11);
    head[0] = 9;
    head.writeUIntBE(MAX_TAG_BYTES + 1, 1, 3);
    expect(() => reader.push(head)).toThrow('too long');
  });
});

describe('the timeline of a viewer', () => {
  const read = (...written: Buffer[]) => {
    const reader = createFlvReader();
    reader.push(FLV_HEADER);
    return written.flatMap((tag) => reader.push(Buffer.from(tag)));
  };

  it('starts at nought, begins with a key frame, has no sound', () => {
    const splicer = createSplicer();
    const out = read(
      flvTag('script', 0),
      flvTag('setup', 0),
      flvTag('inter', 90_000),
      flvTag('audio', 90_010),
      flvTag('key', 90_080),
      flvTag('inter', 90_160),
    ).map((tag) => splicer.place(tag) && [tag.kind, tag.isKey, tag.data.readUIntBE(4, 3)]);
    expect(out).toEqual([
      ['script', false, 0],
      ['video', false, 0],
      undefined,
      undefined,
      ['video', true, 0],
      ['video', false, 80],
    ]);
  });

  it('goes on where it stopped when the stream starts anew, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(tags, { minLength: 1, maxLength: 5 }), (runs) => {
        const splicer = createSplicer();
        let last = -1;
        for (const run of runs) {
          splicer.restart();
          let sawKey = false;
          for (const tag of read(...run.map(([kind, at, size]) => flvTag(kind, at & 0xfffff, size)))) {
            const placed = splicer.place(tag);
            sawKey ||= tag.isKey;
            if (!placed) continue;
            const at = tag.data.readUIntBE(4, 3) | ((tag.data[7] ?? 0) << 24);
            if (tag.kind === 'video' && !tag.isSetup) {
              expect(sawKey).toBe(true);
              expect(at).toBeGreaterThanOrEqual(last);
              last = at;
            }
          }
        }
      }),
    );
  });
});
