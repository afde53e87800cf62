/** Enough for any honest CONNECT; a stranger gets no more. */
const MAX_UNKNOWN_PACKET_BYTES = 16_384;
/** A remaining length has at most four bytes (MQTT 3.1.1, 2.2.3). */
const MAX_LENGTH_BYTES = 4;
/** First size of the buffer for a packet that comes in pieces; it doubles, so that an announcement alone costs nothing. */
const FIRST_PIECE_BYTES = 512;

export interface Oversize {
  packetType: number;
  /** From the fixed header; the packet itself was not read. */
  bytes: number;
  limit: number;
}

/** One packet: `first` is its first byte, the body stands in `bytes` from `start` to `end`. */
export type PacketHandler = (first: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a connection's bytes into MQTT packets. A packet that announces more than the limit is refused at its fixed
 * header and nothing after it is read. Bodies that lie within one chunk are handed on where they are, uncopied.
 */
export class Framer {
  readonly #maxPacketBytes: number;
  readonly #onPacket: PacketHandler;
  readonly #onOversize: (oversize: Oversize) => void;
  #known = false;
  #paused = false;
  #deaf = false;
  /** What came while paused. */
  #stash: Buffer[] = [];
  /** First byte of the current packet, −1 before it. */
  #first = -1;
  #length = 0;
  #lengthBytes = 0;
  /** The body of a packet that did not come in one piece. */
  #body: Buffer | undefined;
  #filled = 0;

  constructor(maxPacketBytes: number, onPacket: PacketHandler, onOversize: (oversize: Oversize) => void) {
    this.#maxPacketBytes = maxPacketBytes;
    this.#onPacket = onPacket;
    this.#onOversize = onOversize;
  }

  /** From now on the whole packet limit applies. */
  trust(): void {
    this.#known = true;
  }

  /** Keeps what comes instead of handing it on; the caller stops reading from the socket. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (this.#stash.length > 0 && !this.#paused) {
      const chunk = this.#stash.shift();
      if (chunk) this.feed(chunk);
    }
  }

  /** Throws away whatever comes from now on, and what was kept. */
  ignore(): void {
    this.#deaf = true;
    this.#stash = [];
    this.#body = undefined;
  }

  /** Bytes that are kept and not handed on yet. */
  get keptBytes(): number {
    let bytes = this.#filled;
    for (const chunk of this.#stash) bytes += chunk.length;
    return bytes;
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#deaf) {
      if (this.#paused) {
        // What is left of a chunk comes before what came later.
        if (at === 0) this.#stash.push(chunk);
        else this.#stash.unshift(chunk.subarray(at));
        return;
      }
      if (this.#body) {
        at += this.#fill(this.#body, chunk, at);
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (this.#first < 0) {
        this.#first = byte;
        this.#length = 0;
        this.#lengthBytes = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
      if (this.#isRefused((byte & 0x80) !== 0)) return;
      if ((byte & 0x80) !== 0) continue;
      const end = at + this.#length;
      if (end <= chunk.length) {
        this.#hand(chunk, at, end);
        at = end;
      } else {
        this.#body = Buffer.allocUnsafe(
          Math.min(this.#length, Math.max(FIRST_PIECE_BYTES, chunk.length - at)),
        );
        this.#filled = 0;
      }
    }
  }

  #isRefused(unfinished: boolean): boolean {
    const limit = this.#known
      ? this.#maxPacketBytes
      : Math.min(MAX_UNKNOWN_PACKET_BYTES, this.#maxPacketBytes);
    if (unfinished ? this.#lengthBytes < MAX_LENGTH_BYTES : this.#length <= limit) return false;
    this.ignore();
    this.#onOversize({ packetType: this.#first >> 4, bytes: this.#length, limit });
    return true;
  }

  /** Takes more of a body in pieces; answers how many bytes it took. */
  #fill(body: Buffer, chunk: Buffer, at: number): number {
    const take = Math.min(this.#length - this.#filled, chunk.length - at);
    let room = body;
    if (this.#filled + take > body.length) {
      room = Buffer.allocUnsafe(Math.min(this.#length, Math.max(2 * body.length, this.#filled + take)));
      body.copy(room, 0, 0, this.#filled);
      this.#body = room;
    }
    chunk.copy(room, this.#filled, at, at + take);
    this.#filled += take;
    if (this.#filled === this.#length) {
      this.#body = undefined;
      this.#filled = 0;
      this.#hand(room, 0, this.#length);
    }
    return take;
  }

  #hand(bytes: Buffer, start: number, end: number): void {
    const first = this.#first;
    this.#first = -1;
    this.#onPacket(first, bytes, start, end);
  }
}
