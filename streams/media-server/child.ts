/**
 * The media server's own process: node-media-server on loopback, and nothing else. It has no credential of
 * the database or of any camera; when something on its ports kills it, the parent starts another.
 * Talks to the parent over IPC: receives `{ secret }` once, answers `{ rtmpPort, httpPort }` once.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import NodeMediaServer, { type NodeMediaServerConfig } from 'node-media-server';

// The parent is gone: nobody is left to serve.
process.on('disconnect', () => process.exit(0));
// It logs every connection to stdout, which nobody reads.
console.log = () => {};

process.once('message', (message) => {
  const { secret } = message as { secret: string };
  run(secret);
});

function run(secret: string): void {
  const config: NodeMediaServerConfig = {
    bind: '127.0.0.1',
    // Any number but 0 makes it create the listener; the real port is chosen by the kernel below.
    rtmp: { port: 1 },
    http: { port: 1 },
    auth: { play: true, publish: true, secret },
    webadmin: { enable: false },
    store: { path: '/nonexistent' },
  };
  const server = new NodeMediaServer(config);
  config.rtmp.port = 0;
  config.http.port = 0;

  const { httpServer } = server.httpServer;
  // Viewers come over our own WebSocket; its parser of stream names is the one that can be crashed.
  httpServer.removeAllListeners('upgrade');
  httpServer.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  guard(httpServer, secret);

  // Not `server.run()`: recording, history, relaying and notifying stay off altogether.
  server.httpServer.run();
  server.rtmpServer.run();
  const ready = [httpServer, server.rtmpServer.tcpServer].map(
    (each) => new Promise<void>((resolve) => each.once('listening', () => resolve())),
  );
  void Promise.all(ready).then(() => {
    process.send?.({ rtmpPort: portOf(server.rtmpServer.tcpServer), httpPort: portOf(httpServer) });
  });
}

/** Refuses before any parser of the media server sees the request; compares in constant time. */
function guard(httpServer: NodeMediaServer['httpServer']['httpServer'], secret: string): void {
  const handlers = httpServer.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  httpServer.removeAllListeners('request');
  const expected = Buffer.from(`Bearer ${secret}`);
  httpServer.on('request', (request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    const known = given.length === expected.length && timingSafeEqual(given, expected);
    if (!known || request.method !== 'GET') {
      response.writeHead(401, { connection: 'close' }).end();
      return;
    }
    for (const handler of handlers) handler(request, response);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
