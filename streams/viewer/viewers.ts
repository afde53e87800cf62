import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/ports.ts';
import { asFailure, type FailureCode } from '../failure.ts';
import type { Attempt, Viewer } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type BacklogLimits, createBacklog } from './backlog.ts';
import { FLV_HEADER, type FlvTag } from './flv.ts';
import { createSplicer } from './splice.ts';
import type { Holder, Tickets } from './tickets.ts';
import { readStream } from './upstream.ts';

/** Codes with which a viewer's socket is closed; the reason text is a failure code where there is one. */
const CLOSE = { revoked: 4401, ended: 4404, tooSlow: 4408, down: 4503, stopping: 1001 } as const;

export interface ViewerPorts {
  clock: Clock;
  logger: Logger;
  sessions: Sessions;
  tickets: Tickets;
  limits: BacklogLimits;
  /** How long a viewer waits for a picture, at first and after a break. */
  holdMs: number;
}

export interface Viewers {
  /** Takes over `GET /media/<camera>.flv?ticket=…`; false when the path is another one. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  revoke(userId: string, sessionId?: string): void;
  readonly open: number;
  stop(): void;
}

const PATH = /^\/media\/([A-Za-z0-9_-]{1,64})\.flv$/;
const PING_MS = 15_000;

export function createViewers(ports: ViewerPorts): Viewers {
  const server = new WebSocketServer({
    noServer: true,
    // Video does not compress, and a viewer has nothing to say.
    perMessageDeflate: false,
    maxPayload: 1024,
    clientTracking: false,
  });
  const open = new Map<WebSocket, Holder>();

  function watch(socket: WebSocket, holder: Holder): void {
    open.set(socket, holder);
    const openedAtMs = ports.clock.now();
    let leave = () => {};
    const feed = feedSocket(socket, ports);
    const stopPings = keepAlive(socket, ports.clock);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      open.delete(socket);
      stopPings();
      feed.dispose();
      leave();
      holder.left?.({ openedAtMs, closedAtMs: ports.clock.now() });
    });
    try {
      leave = ports.sessions.of(holder.cameraId).join(feed);
    } catch (error) {
      socket.close(CLOSE.down, asFailure(error).code);
    }
  }

  return {
    get open() {
      return open.size;
    },
    handleUpgrade(request, socket, head) {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const cameraId = PATH.exec(url.pathname)?.[1];
      if (cameraId === undefined) return false;
      const holder = ports.tickets.redeem(url.searchParams.get('ticket') ?? '', cameraId);
      if (!holder) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return true;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => watch(webSocket, holder));
      return true;
    },
    revoke(userId, sessionId) {
      for (const [socket, holder] of open)
        if (holder.userId === userId && (sessionId === undefined || holder.sessionId === sessionId)) {
          socket.close(CLOSE.revoked, 'revoked');
          // Does not wait for a client that ignores the closing.
          ports.clock.after(1000, () => socket.terminate());
        }
    },
    stop() {
      for (const socket of open.keys()) {
        socket.close(CLOSE.stopping);
        ports.clock.after(500, () => socket.terminate());
      }
    },
  };
}

/** Feeds one socket with one camera's pictures, over as many runs of the stream as it takes. */
function feedSocket(socket: WebSocket, ports: ViewerPorts): Viewer & { dispose(): void } {
  const { clock } = ports;
  const splicer = createSplicer();
  const backlog = createBacklog(ports.limits);
  let headerSent = false;
  let reason: FailureCode = 'no_frames';
  let hangUp = () => {};
  let cancelHold: (() => void) | undefined;
  let disposed = false;

  // Runs on over several failed tries: the patience is the viewer's, not the try's.
  const hold = () => {
    cancelHold ??= clock.after(ports.holdMs, () => socket.close(CLOSE.down, reason));
  };
  const relax = () => {
    cancelHold?.();
    cancelHold = undefined;
  };
  hold();

  function send(tags: FlvTag[]): void {
    if (socket.readyState !== socket.OPEN) return;
    const parts: Buffer[] = [];
    for (const tag of tags) {
      const verdict = backlog.decide(tag, socket.bufferedAmount, clock.monotonic());
      if (verdict === 'close') {
        hangUp();
        socket.close(CLOSE.tooSlow, 'too_slow');
        // A frozen peer answers no closing handshake; what waits for it is freed now.
        clock.after(1000, () => socket.terminate());
        return;
      }
      const placed = verdict === 'send' ? splicer.place(tag) : undefined;
      if (!placed) continue;
      if (!headerSent) {
        headerSent = true;
        parts.push(FLV_HEADER);
      }
      if (placed.kind === 'video' && !placed.isSetup) relax();
      parts.push(placed.data);
    }
    // One message per piece read: fewer frames, fewer system calls.
    if (parts.length > 0) socket.send(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  }

  return {
    stream(attempt: Attempt) {
      if (disposed) return;
      hangUp();
      splicer.restart();
      hangUp = readStream(attempt, { onTags: send, onEnd: hold });
    },
    broken(code) {
      reason = code;
      hangUp();
      hold();
    },
    ended() {
      socket.close(CLOSE.ended, 'ended');
    },
    dispose() {
      disposed = true;
      hangUp();
      relax();
    },
  };
}

/** Finds peers that vanished without a word. Returns a function that ends the checks. */
function keepAlive(socket: WebSocket, clock: Clock): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  let cancel = clock.after(PING_MS, check);
  function check(): void {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
    cancel = clock.after(PING_MS, check);
  }
  return () => cancel();
}
