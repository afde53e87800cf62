import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../../core/ports.ts';
import { MediaFailure } from '../failure.ts';
import { type CameraConnection, type DialPorts, dialCamera } from './camera-connection.ts';
import type { Credential } from './digest.ts';
import { RelayExchange } from './relay-exchange.ts';
import { createRtspParser, type RtspItem, RtspSyntaxError, writeResponse } from './rtsp-message.ts';
import type { VideoTrack } from './sdp.ts';

/**
 * FFmpeg never dials a camera: it speaks RTSP to this listener on loopback, under a path that nobody can
 * guess, and the relay speaks to the camera. So the password is in no argument list, the address is vetted
 * and pinned, and no redirect, SDP or URL of the camera leads anywhere else.
 */
export interface Relay {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Opens a path for one camera. Each connection to it dials the camera anew; one at a time. */
  open(camera: RelayCamera): RelayRoute;
}

export interface RelayCamera {
  url: string;
  credential: Credential | undefined;
}

export interface RelayRoute {
  /** What FFmpeg is given as input. */
  readonly url: string;
  /** What went wrong upstream, if anything did: more exact than what FFmpeg can say. */
  readonly failure: MediaFailure | undefined;
  readonly bytesReceived: number;
  readonly track: VideoTrack | undefined;
  close(): void;
}

interface Route extends RelayRoute {
  readonly token: string;
  readonly camera: RelayCamera;
  failure: MediaFailure | undefined;
  bytesReceived: number;
  track: VideoTrack | undefined;
  socket: Socket | undefined;
}

/** FFmpeg connects right after it starts and speaks at once. */
const FIRST_REQUEST_MS = 5000;

export function createRelay(ports: DialPorts & { logger: Logger }): Relay {
  const routes = new Map<string, Route>();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  /** One connection of FFmpeg. Until its first request names a path it belongs to nobody. */
  function accept(client: Socket): void {
    sockets.add(client);
    client.setNoDelay(true);
    const parser = createRtspParser();
    let exchange: RelayExchange | undefined;
    let route: Route | undefined;
    const cancelFirst = ports.clock.after(FIRST_REQUEST_MS, () => client.destroy());
    client.on('error', () => client.destroy());
    client.on('close', () => {
      cancelFirst();
      sockets.delete(client);
      if (route?.socket === client) route.socket = undefined;
      exchange?.close();
    });
    client.on('data', (chunk) => {
      let items: RtspItem[];
      try {
        items = parser.push(chunk);
      } catch (error) {
        if (!(error instanceof RtspSyntaxError)) throw error;
        client.destroy();
        return;
      }
      for (const item of items) {
        if (!exchange) {
          cancelFirst();
          route = item.kind === 'request' ? routeOf(item.url) : undefined;
          if (!route || route.socket) {
            client.end(writeResponse(404, 'Not Found', []));
            return;
          }
          route.socket = client;
          exchange = openExchange(client, route);
        }
        exchange.receive(item);
      }
    });
  }

  function routeOf(url: string): Route | undefined {
    const token = /^rtsp:\/\/127\.0\.0\.1:\d+\/([\w-]+)/.exec(url)?.[1];
    return token === undefined ? undefined : routes.get(token);
  }

  function openExchange(client: Socket, route: Route): RelayExchange {
    let connection: CameraConnection | undefined;
    const dialled = dialCamera(
      {
        ...route.camera,
        onFrames(data) {
          route.bytesReceived += data.length;
          // FFmpeg is slower than the camera for a moment: let TCP tell the camera.
          if (!client.write(data) && connection) {
            connection.pause();
            client.once('drain', () => connection?.resume());
          }
        },
      },
      ports,
    ).then((opened) => {
      connection = opened;
      if (client.destroyed) opened.close();
      void opened.closed.then((failure) => {
        if (failure) fail(failure);
        // After the answer to what FFmpeg may be waiting for.
        setImmediate(() => client.destroySoon());
      });
      return opened;
    });
    const fail = (failure: MediaFailure) => {
      if (route.failure) return;
      route.failure = failure;
      ports.logger.debug({ reason: failure.code, detail: failure.detail }, 'camera connection failed');
    };
    return new RelayExchange({
      client,
      dialled,
      cameraUrl: route.camera.url,
      relayUrl: route.url,
      onTrack: (track) => {
        route.track = track;
      },
      onFailure: fail,
    });
  }

  return {
    async start() {
      const listener = createServer(accept);
      // Two connections per stream at most; a local flood must not eat the descriptors.
      listener.maxConnections = 512;
      await new Promise<void>((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(0, '127.0.0.1', () => resolve());
      });
      const address = listener.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
      server = listener;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      routes.clear();
      const listener = server;
      server = undefined;
      if (listener) await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
    open(camera) {
      if (!server) throw new MediaFailure('media_off', 'the relay is not running');
      const token = randomBytes(24).toString('base64url');
      const route: Route = {
        token,
        camera,
        url: `rtsp://127.0.0.1:${port}/${token}`,
        failure: undefined,
        bytesReceived: 0,
        track: undefined,
        socket: undefined,
        close() {
          routes.delete(token);
          route.socket?.destroy();
        },
      };
      routes.set(token, route);
      return route;
    },
  };
}
