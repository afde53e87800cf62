import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { MediaFailure } from '../failure.ts';
import { type PinPorts, pinAddress } from './address-policy.ts';
import { readCameraUrl } from './camera-url.ts';
import { authorization, type Challenge, type Credential, readChallenges, strongest } from './digest.ts';
import {
  createRtspParser,
  header,
  headers,
  type RtspItem,
  type RtspResponse,
  RtspSyntaxError,
  writeRequest,
  writeResponse,
} from './rtsp-message.ts';

/** `answerMs` is also the longest wait for the connection, and then for each answer. */
export interface DialPorts extends PinPorts {
  maxBytesPerS: number;
}

export interface CameraConnection {
  /** Sends one request and resolves to its final answer; a 401 is answered here. One at a time, in order. */
  request(
    method: string,
    url: string,
    fields?: readonly (readonly [string, string])[],
    body?: Buffer,
  ): Promise<RtspResponse>;
  /** Interleaved frames towards the camera: receiver reports. Dropped when the camera does not read. */
  sendFrames(data: Buffer): void;
  pause(): void;
  resume(): void;
  close(reason?: MediaFailure): void;
  /** Resolves once, with the reason unless we closed it ourselves. */
  readonly closed: Promise<MediaFailure | undefined>;
  readonly bytesReceived: number;
}

export interface Dial {
  url: string;
  credential: Credential | undefined;
  onFrames(data: Buffer): void;
}

type Field = readonly [string, string];

const WINDOW_MS = 2000;
/** A camera that does not read its control channel holds at most this much of our memory. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** FFmpeg has at most a keep-alive and a command open at one time. */
const MAX_QUEUED = 8;

/** Dials a camera at its vetted address. Throws `MediaFailure`; no message holds the credential. */
export async function dialCamera(dial: Dial, ports: DialPorts): Promise<CameraConnection> {
  const target = readCameraUrl(dial.url);
  const pinned = await pinAddress(target.host, ports);
  const socket = await openSocket(pinned.address, target.port, ports);
  return new Connection(socket, dial, ports);
}

function openSocket(host: string, port: number, { clock, answerMs }: DialPorts): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (code: 'timeout' | 'unreachable', detail: string) => {
      cancel();
      socket.destroy();
      reject(new MediaFailure(code, detail));
    };
    const cancel = clock.after(answerMs, () => fail('timeout', 'the camera does not answer'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail('unreachable', `no connection to the camera: ${error.code ?? 'error'}`),
    );
    socket.once('connect', () => {
      cancel();
      socket.removeAllListeners('error');
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

class Connection implements CameraConnection {
  readonly closed: Promise<MediaFailure | undefined>;
  bytesReceived = 0;
  readonly #socket: Socket;
  readonly #dial: Dial;
  readonly #ports: DialPorts;
  readonly #parser = createRtspParser();
  #settleClosed: (failure: MediaFailure | undefined) => void = () => {};
  #isClosed = false;
  #sequence = 0;
  #queued = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting: { sequence: number; resolve(r: RtspResponse): void; reject(e: Error): void } | undefined;
  #challenge: Challenge | undefined;
  #nonceCount = 0;
  #authenticated = false;
  #windowStart: number;
  #windowBytes = 0;

  constructor(socket: Socket, dial: Dial, ports: DialPorts) {
    this.#socket = socket;
    this.#dial = dial;
    this.#ports = ports;
    this.#windowStart = ports.clock.monotonic();
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => this.close(new MediaFailure('unreachable', 'the camera broke the connection')));
    socket.on('close', () => this.close(new MediaFailure('unreachable', 'the camera closed the connection')));
  }

  request(method: string, url: string, fields: readonly Field[] = [], body?: Buffer): Promise<RtspResponse> {
    if (this.#queued >= MAX_QUEUED)
      return Promise.reject(new MediaFailure('timeout', 'too many unanswered requests'));
    this.#queued++;
    const result = this.#tail
      .then(() => this.#authenticatedExchange(method, url, fields, body))
      .finally(() => {
        this.#queued--;
      });
    this.#tail = result.catch(() => {});
    return result;
  }

  sendFrames(data: Buffer): void {
    if (!this.#isClosed && this.#socket.writableLength < MAX_UNSENT_BYTES) this.#socket.write(data);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(reason?: MediaFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#waiting?.reject(reason ?? new MediaFailure('unreachable', 'the connection was closed'));
    this.#waiting = undefined;
    this.#settleClosed(reason);
  }

  async #authenticatedExchange(
    method: string,
    url: string,
    fields: readonly Field[],
    body: Buffer | undefined,
  ): Promise<RtspResponse> {
    const refused = (why: string) => new MediaFailure('auth_failed', why);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const sentWith = this.#challenge;
      const response = await this.#exchange(method, url, this.#withAuthorization(method, url, fields), body);
      if (response.status !== 401) {
        if (sentWith) this.#authenticated = true;
        return response;
      }
      if (!this.#dial.credential) throw refused('the camera asks for a password and none is stored');
      const next = strongest(readChallenges(headers(response, 'www-authenticate')));
      if (!next) throw refused('the camera asks for a kind of sign-in that is not supported');
      // A second 401 means a wrong password, unless the nonce merely grew old: many cameras lock
      // the account after a few wrong tries, so there is no guessing.
      if (sentWith && !next.stale && !this.#authenticated) break;
      if (sentWith && next.nonce === sentWith.nonce) break;
      this.#challenge = next;
      this.#nonceCount = 0;
    }
    throw refused('the camera refused the credential');
  }

  #withAuthorization(method: string, url: string, fields: readonly Field[]): readonly Field[] {
    const { credential } = this.#dial;
    if (!this.#challenge || !credential) return fields;
    this.#nonceCount++;
    const cnonce = randomBytes(12).toString('hex');
    const value = authorization(this.#challenge, credential, {
      method,
      url,
      count: this.#nonceCount,
      cnonce,
    });
    return [...fields, ['Authorization', value]];
  }

  #exchange(
    method: string,
    url: string,
    fields: readonly Field[],
    body: Buffer | undefined,
  ): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new MediaFailure('unreachable', 'the connection was closed'));
        return;
      }
      const sequence = ++this.#sequence;
      const cancel = this.#ports.clock.after(this.#ports.answerMs, () =>
        this.close(new MediaFailure('timeout', `the camera does not answer ${method}`)),
      );
      this.#waiting = {
        sequence,
        resolve: (response) => {
          cancel();
          resolve(response);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      };
      this.#socket.write(
        writeRequest(method, url, [['CSeq', String(sequence)], ['User-Agent', 'haidang'], ...fields], body),
      );
    });
  }

  #receive(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    if (this.#tooFast(chunk.length)) {
      this.close(new MediaFailure('too_much_data', 'the camera sends more than the allowed bit rate'));
      return;
    }
    let items: RtspItem[];
    try {
      items = this.#parser.push(chunk);
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      this.close(new MediaFailure('unsupported', `the camera does not speak RTSP: ${error.message}`));
      return;
    }
    for (const item of items) this.#handle(item);
  }

  #handle(item: RtspItem): void {
    if (this.#isClosed) return;
    if (item.kind === 'frames') {
      this.#dial.onFrames(item.data);
    } else if (item.kind === 'request') {
      // A camera has nothing to ask of us; above all not `REDIRECT`.
      this.#socket.write(writeResponse(501, 'Not Implemented', [['CSeq', header(item, 'cseq') ?? '0']]));
    } else if (this.#waiting && header(item, 'cseq') === String(this.#waiting.sequence)) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      if (item.status >= 300 && item.status < 400)
        this.close(new MediaFailure('redirect_refused', 'the camera redirects to another address'));
      resolve(item);
    }
  }

  #tooFast(bytes: number): boolean {
    const now = this.#ports.clock.monotonic();
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    return this.#windowBytes > (this.#ports.maxBytesPerS * WINDOW_MS) / 1000;
  }
}
