import type { Socket } from 'node:net';
import type { IConnectPacket } from 'mqtt-packet';
import type { Clock } from '../../core/clock.ts';
import type { ClientCertificate } from '../../core/ports.ts';
import { Framer, type Oversize, type PacketHandler } from './framer.ts';
import { acknowledgements, disconnect, type Reason, type Version } from './packets.ts';

/** Answers that may wait for those before them: what needs no commit is not counted as waiting for one. */
const MAX_LATER = 1000;

export interface LinkHandlers {
  packet(link: Link, ...packet: Parameters<PacketHandler>): void;
  oversize(link: Link, oversize: Oversize): void;
  closed(link: Link): void;
  /** Milliseconds of a clock that never steps. */
  now(): number;
}

/** A message that is being stored and wants its PUBACK or PUBREC. */
interface Ack {
  qos: 1 | 2;
  messageId: number;
}

/**
 * One connection: its socket, its packets and what it is owed. Acknowledgements leave in the order of their messages
 * and those of one commit in one piece.
 */
export class Link {
  readonly socket: Socket;
  readonly address: string;
  readonly framer: Framer;
  readonly openedMs: number;
  readonly #handlers: LinkHandlers;
  version: Version = 4;
  /** From the CONNECT on. */
  clientId = '';
  will: IConnectPacket['will'];
  keepAliveMs = 0;
  /** MQTT 5 clients may ask not to be told why. */
  wantsReasons = false;
  /** Of a connection that has one; its identity comes from here. */
  certificate: ClientCertificate | undefined;
  /** From the credential, once it was right. */
  deviceId: string | undefined;
  credential: string | undefined;
  /** `ioc/v1/{site}/{device}/up`, as text and as bytes. */
  upTopic = '';
  upBytes: Buffer | undefined;
  /** `connecting` until the CONNECT is answered. */
  state: 'connecting' | 'asked' | 'open' | 'closing' = 'connecting';
  /** It was let in, whatever became of it. */
  wasOpen = false;
  /** Another connection with the same credential took over. */
  superseded = false;
  /** The device said goodbye: its will is not sent. */
  saidGoodbye = false;
  heardMs: number;
  /** Since when it has not read its answers; undefined while it does. */
  blockedMs: number | undefined;
  /** When it began to close. */
  closingMs = 0;
  /** QoS 2 messages that were taken and not released yet; made at the first. */
  unreleased: Set<number> | undefined;
  throttled = false;
  #held = false;
  /** The device has closed its side while its credential was looked up. */
  #ended = false;
  #acks: Ack[] = [];
  #flushing = false;
  /** Messages taken and settled: an answer that needs no commit waits for those before it. */
  #taken = 0;
  #settled = 0;
  #later: { after: number; answer: Buffer }[] = [];

  constructor(socket: Socket, maxPacketBytes: number, handlers: LinkHandlers) {
    this.socket = socket;
    this.#handlers = handlers;
    this.address = socket.remoteAddress ?? '';
    this.openedMs = handlers.now();
    this.heardMs = this.openedMs;
    this.framer = new Framer(
      maxPacketBytes,
      (first, bytes, start, end) => {
        // A packet behind the one that ended the connection counts no more.
        if (this.state !== 'closing') handlers.packet(this, first, bytes, start, end);
      },
      (oversize) => handlers.oversize(this, oversize),
    );
    socket.on('data', (chunk: Buffer) => {
      this.heardMs = handlers.now();
      this.framer.feed(chunk);
    });
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => {
      this.blockedMs = undefined;
      this.#flow();
    });
    // What came before a proper end still counts: a QoS 0 message, its CONNECT and the end may arrive together.
    socket.on('end', () => {
      if (this.state === 'asked') this.#ended = true;
      else this.close();
    });
    socket.on('close', () => {
      this.state = 'closing';
      this.framer.ignore();
      handlers.closed(this);
    });
  }

  /** Stops or resumes reading from the socket: the device's own TCP window fills. */
  hold(held: boolean): void {
    if (this.#held && !held) this.heardMs = this.#handlers.now();
    this.#held = held;
    this.#flow();
  }

  /** Whether nothing is read from it, for whatever reason of ours: its silence says nothing then. */
  get held(): boolean {
    return this.#held || this.throttled;
  }

  /** Does not read from the socket for a while. */
  throttle(forMs: number, clock: Clock): void {
    this.throttled = true;
    this.#flow();
    clock.after(forMs, () => {
      this.throttled = false;
      this.heardMs = this.#handlers.now();
      this.#flow();
    });
  }

  /** Nothing is read while the credential is looked up; what was read already is kept. */
  pauseReading(): void {
    this.framer.pause();
    this.#flow();
  }

  resumeReading(): void {
    this.framer.resume();
    if (this.#ended) this.close();
    this.#flow();
  }

  send(bytes: Buffer): void {
    if (this.socket.destroyed || !this.socket.writable) return;
    if (this.socket.write(bytes) || this.blockedMs !== undefined) return;
    // Whoever does not read its answers is not read from either: what it is owed stays small.
    this.blockedMs = this.#handlers.now();
    this.#flow();
  }

  /** A message was taken; its `acknowledge` or `settled` follows. */
  taken(): void {
    this.#taken++;
  }

  /** The message is committed. `answer` replaces the plain acknowledgement. */
  acknowledge(qos: 1 | 2, messageId: number, answer?: Buffer): void {
    this.#settled++;
    if (this.state === 'closing') return;
    if (answer !== undefined) {
      this.#flush();
      this.send(answer);
    } else {
      this.#acks.push({ qos, messageId });
    }
    if (this.#flushing) return;
    this.#flushing = true;
    // All of one commit settle in one go.
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
      this.#sendLater();
    });
  }

  /** For what is answered without a commit: after the answers to what came before it. */
  answerInTurn(answer: Buffer): void {
    if (this.#settled === this.#taken && this.#later.length === 0 && this.#acks.length === 0) {
      this.send(answer);
    } else if (this.#later.length < MAX_LATER) {
      this.#later.push({ after: this.#taken, answer });
    } else {
      this.cutOff('quotaExceeded');
    }
  }

  #sendLater(): void {
    for (let next = this.#later[0]; next && next.after <= this.#settled; next = this.#later[0]) {
      this.#later.shift();
      this.send(next.answer);
    }
  }

  #flush(): void {
    if (this.#acks.length === 0) return;
    const acks = this.#acks;
    this.#acks = [];
    this.send(acknowledgements(acks));
  }

  /** Ends the connection. `reason` is told to MQTT 5 clients that were let in. */
  close(reason?: Reason): void {
    if (!this.#goodbye(reason)) return;
    this.socket.end();
    // Reading on, and throwing it away: closing a socket with unread data would reset the connection, and the
    // device would lose the answers that are on their way to it.
    this.socket.resume();
  }

  /** Ends the connection of somebody who breaks the protocol: nothing more is read, not even to be thrown away. */
  cutOff(reason: Reason): void {
    if (!this.#goodbye(reason)) return;
    this.socket.pause();
    this.socket.destroySoon();
  }

  #goodbye(reason: Reason | undefined): boolean {
    if (this.state === 'closing') return false;
    this.#flush();
    if (reason !== undefined && this.version === 5 && this.state === 'open') this.send(disconnect(reason));
    this.state = 'closing';
    this.closingMs = this.#handlers.now();
    this.framer.ignore();
    return true;
  }

  #flow(): void {
    if (this.state === 'closing') return;
    if (this.held || this.blockedMs !== undefined || this.state === 'asked') this.socket.pause();
    else this.socket.resume();
  }
}
