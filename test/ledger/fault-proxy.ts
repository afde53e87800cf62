import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What the network does to what passes. */
interface NetworkFault {
  /** Each chunk arrives so much later. */
  delayMs?: number;
  /** Chunks are cut into pieces of so many bytes. */
  splitBytes?: number;
  /** Nothing passes in either direction, and nobody is told. */
  halfOpen?: boolean;
  /** What the server answers never arrives. */
  loseAnswers?: boolean;
}

export interface FaultProxy {
  readonly port: number;
  /** From now on; `{}` heals what can be healed. Connections that were half-open are reset, as by a router. */
  set(fault: NetworkFault): void;
  /** Ends every connection the hard way, the next chunk cut in the middle. */
  reset(): void;
  readonly connections: number;
  close(): Promise<void>;
}

interface Pair {
  device: Socket;
  server: Socket;
  wasDead: boolean;
  /** The next chunk of the device passes by half, then the connection is reset. */
  cut: boolean;
}

/** A TCP proxy between devices and the centre that misbehaves on demand: `tc netem` for where there is none. */
export async function startFaultProxy(target: () => number): Promise<FaultProxy> {
  let fault: NetworkFault = {};
  const pairs = new Set<Pair>();

  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.device.resetAndDestroy();
    pair.server.resetAndDestroy();
  };

  /** Passes chunks on in their order, whatever the delay. */
  const pass = (pair: Pair, from: Socket, to: Socket, isAnswer: boolean) => {
    let last: Promise<void> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (fault.halfOpen || (isAnswer && fault.loseAnswers)) {
        pair.wasDead = true;
        return;
      }
      // A connection that lost bytes has lost its place in the stream: nothing sensible can follow.
      if (pair.wasDead) return;
      if (pair.cut && !isAnswer) {
        to.write(chunk.subarray(0, chunk.length >> 1), () => end(pair));
        return;
      }
      const { delayMs = 0, splitBytes = 0 } = fault;
      const pieces = splitBytes > 0 ? split(chunk, splitBytes) : [chunk];
      last = last.then(async () => {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        for (const piece of pieces) {
          if (!to.writable) return;
          if (!to.write(piece)) await roomOrEnd(to);
          if (splitBytes > 0) await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      void last.then(() => {
        pairs.delete(pair);
        to.destroySoon();
      });
    });
  };

  const proxy = createServer({ noDelay: true }, (device) => {
    const server = connect({ port: target(), host: '127.0.0.1', noDelay: true });
    const pair: Pair = { device, server, wasDead: false, cut: false };
    pairs.add(pair);
    pass(pair, device, server, false);
    pass(pair, server, device, true);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as { port: number };

  return {
    port,
    set(next) {
      fault = next;
      for (const pair of [...pairs]) if (pair.wasDead && !next.halfOpen && !next.loseAnswers) end(pair);
    },
    reset() {
      for (const pair of pairs) pair.cut = true;
    },
    get connections() {
      return pairs.size;
    },
    async close() {
      for (const pair of [...pairs]) end(pair);
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
}

/** Resolves when the socket takes more, or never will again. */
function roomOrEnd(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}

function split(chunk: Buffer, bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < chunk.length; at += bytes) pieces.push(chunk.subarray(at, at + bytes));
  return pieces;
}
