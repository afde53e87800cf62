/** FLV as the media server sends it: a header, then tags (Adobe FLV 10.1, annex E). */
export interface FlvTag {
  kind: 'script' | 'audio' | 'video';
  timestampMs: number;
  /** A picture that needs no other. */
  isKey: boolean;
  /** Decoder set-up (SPS and PPS): needed by every viewer, shows nothing. */
  isSetup: boolean;
  /** The whole tag with its eleven-byte head and the four bytes of size behind it. */
  data: Buffer;
}

export class FlvSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlvSyntaxError';
  }
}

/** A 4K key frame is about one MiB. Whoever announces more is wrong or hostile. */
export const MAX_TAG_BYTES = 8 * 1024 * 1024;
const HEAD = 11;
const TAIL = 4;
const EMPTY: Buffer = Buffer.alloc(0);

/** Header of a stream that holds video only, with the empty size field that follows it. */
export const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 0b001, 0, 0, 0, 9, 0, 0, 0, 0]);

/** Cuts a byte stream into tags. Throws `FlvSyntaxError` on anything that is no FLV. */
export function createFlvReader(): { push(chunk: Buffer): FlvTag[] } {
  let pending: Buffer = EMPTY;
  let headerRead = false;

  return {
    push(chunk) {
      let data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const tags: FlvTag[] = [];
      if (!headerRead) {
        if (data.length < FLV_HEADER.length) {
          pending = data;
          return tags;
        }
        if (data.toString('latin1', 0, 3) !== 'FLV') throw new FlvSyntaxError('not FLV');
        const offset = data.readUInt32BE(5);
        if (offset !== 9) throw new FlvSyntaxError('bad FLV header');
        headerRead = true;
        data = data.subarray(FLV_HEADER.length);
      }
      let at = 0;
      while (data.length - at >= HEAD) {
        const size = data.readUIntBE(at + 1, 3);
        if (size > MAX_TAG_BYTES) throw new FlvSyntaxError('tag too long');
        const end = at + HEAD + size + TAIL;
        if (end > data.length) {
          // Say no early: the kind is checked before megabytes are collected for it.
          kindOf(data[at]);
          break;
        }
        tags.push(readTag(data.subarray(at, end)));
        at = end;
      }
      pending = at >= data.length ? EMPTY : data.subarray(at);
      return tags;
    },
  };
}

function kindOf(byte: number | undefined): FlvTag['kind'] {
  if (byte === 9) return 'video';
  if (byte === 8) return 'audio';
  if (byte === 18) return 'script';
  throw new FlvSyntaxError('unknown kind of tag');
}

function readTag(data: Buffer): FlvTag {
  const kind = kindOf(data[0]);
  const timestampMs = data.readUIntBE(4, 3) | ((data[7] ?? 0) << 24);
  const first = kind === 'video' && data.length > HEAD + TAIL ? (data[HEAD] ?? 0) : 0;
  // Bits 4–6: kind of frame, 1 = key. Low nibble 7 = AVC, whose next byte 0 = decoder set-up.
  const isSetup = kind === 'video' && (first & 0x0f) === 7 && data[HEAD + 1] === 0;
  const isKey = kind === 'video' && !isSetup && ((first >> 4) & 0b111) === 1;
  return { kind, timestampMs, isKey, isSetup, data };
}

const IDR = 5;

/**
 * Whether a key frame tag holds a picture at all: at the start of a stream FFmpeg may send the notes of an
 * encoder (SEI) as a key frame of their own.
 */
export function hasPicture(tag: FlvTag): boolean {
  // Frame kind, packet kind and composition time, then NAL units with four bytes of length each.
  let at = HEAD + 5;
  const end = tag.data.length - TAIL;
  while (at + 5 <= end) {
    if (((tag.data[at + 4] ?? 0) & 0x1f) === IDR) return true;
    at += 4 + tag.data.readUInt32BE(at);
  }
  return false;
}

/** Writes a time into a tag, in place. */
export function setTimestamp(tag: FlvTag, timestampMs: number): void {
  const whole = Math.max(0, Math.round(timestampMs));
  tag.data.writeUIntBE(whole & 0xffffff, 4, 3);
  tag.data[7] = (whole >>> 24) & 0x7f;
}
