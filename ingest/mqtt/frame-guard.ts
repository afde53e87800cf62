import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Enough for any honest CONNECT; a stranger gets no more. */
const MAX_UNKNOWN_PACKET_BYTES = 16_384;
/** A remaining length has at most four bytes (MQTT 3.1.1, 2.2.3). */
const MAX_LENGTH_BYTES = 4;
/** How long a closing connection may take to hand over what was already written to it. */
const LINGER_MS = 2000;

export interface Oversize {
  packetType: number;
  /** From the fixed header; the packet itself was not read. */
  bytes: number;
  limit: number;
}

/**
 * Stands between the socket and the broker and reads the fixed header of every packet as it passes: a packet that
 * announces more than the limit ends the connection before any of it is kept. Also the place where reading stops
 * when too much waits for its commit: the device's own TCP window then fills up.
 */
export class FrameGuard extends Duplex {
  readonly #socket: Socket;
  readonly #maxPacketBytes: number;
  readonly #onOversize: (oversize: Oversize) => void;
  #known = false;
  #held = false;
  #wanted = false;
  #refused = false;
  #ended = false;
  /** Bytes of the current packet that are still to come; 0 = a fixed header comes next. */
  #left = 0;
  #packetType = -1;
  #length = 0;
  #lengthBytes = 0;

  constructor(socket: Socket, maxPacketBytes: number, onOversize: (oversize: Oversize) => void) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#maxPacketBytes = maxPacketBytes;
    this.#onOversize = onOversize;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => {
      this.#ended = true;
      if (!this.#refused) this.push(null);
    });
    socket.on('error', (error) => this.destroy(error));
    // After a proper end the broker still reads what came before it: a QoS 0 message and its DISCONNECT arrive together.
    socket.on('close', () => {
      if (!this.#ended) this.destroy();
    });
    socket.pause();
  }

  /** From now on the whole packet limit applies. */
  trust(): void {
    this.#known = true;
  }

  /** Stops or resumes reading from the socket. */
  hold(held: boolean): void {
    this.#held = held;
    this.#flow();
  }

  override _read(): void {
    this.#wanted = true;
    this.#flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  /** The broker corks: all acknowledgements of one batch leave in one piece. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const socket = this.#socket;
    if (error || socket.writableLength === 0) socket.destroy();
    else {
      // Acknowledgements that are already written still have to leave.
      socket.setTimeout(LINGER_MS, () => socket.destroy());
      socket.destroySoon();
    }
    done(error);
  }

  #flow(): void {
    if (this.#wanted && !this.#held && !this.#refused) this.#socket.resume();
    else this.#socket.pause();
  }

  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) done(new Error('the connection is closed'));
    else if (this.#socket.write(chunk)) done();
    else this.#socket.once('drain', done);
  }

  #take(chunk: Buffer): void {
    if (this.#refused) return;
    const good = this.#scan(chunk);
    this.#wanted = this.push(good === chunk.length ? chunk : chunk.subarray(0, good));
    if (this.#refused) this.push(null);
    this.#flow();
  }

  /** Follows the packets through a chunk; answers how much of it may pass. */
  #scan(chunk: Buffer): number {
    let at = 0;
    let packetStart = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (this.#packetType < 0) {
        packetStart = at;
        this.#packetType = byte >> 4;
        this.#length = 0;
        this.#lengthBytes = 0;
      } else {
        this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
        const unfinished = (byte & 0x80) !== 0;
        const limit = this.#known
          ? this.#maxPacketBytes
          : Math.min(MAX_UNKNOWN_PACKET_BYTES, this.#maxPacketBytes);
        if (unfinished ? this.#lengthBytes === MAX_LENGTH_BYTES : this.#length > limit) {
          this.#refused = true;
          this.#onOversize({ packetType: this.#packetType, bytes: this.#length, limit });
          return packetStart;
        }
        if (!unfinished) {
          this.#left = this.#length;
          this.#packetType = -1;
        }
      }
      at++;
    }
    return chunk.length;
  }
}
