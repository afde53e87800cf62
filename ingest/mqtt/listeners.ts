import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from '../../core/ports.ts';
import type { MqttSettings } from '../settings.ts';

export interface Listeners {
  open(): Promise<void>;
  /** No new connections; resolves when the last one is gone. */
  close(): Promise<void>;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
}

const TLS_HANDSHAKE_MS = 10_000;
/** The system asks a silent peer whether it is there: for devices that connect without a keep-alive. */
const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/** The plain port, and the TLS port when a certificate is configured. */
export function createListeners(options: {
  settings: MqttSettings;
  logger: Logger;
  warn(fields: object, message: string): void;
  onSocket(socket: Socket): void;
}): Listeners {
  const { settings, logger, warn, onSocket } = options;
  const servers: Server[] = [];
  let port: number | undefined;
  let tlsPort: number | undefined;

  const listen = async (server: Server, wanted: number): Promise<number> => {
    server.maxConnections = settings.maxConnections;
    server.on('drop', () => warn({}, 'too many connections, one was dropped'));
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: wanted, host: settings.host }, () => {
        server.off('error', reject);
        server.on('error', (error) => logger.error({ err: error.message }, 'the listener failed'));
        resolve();
      });
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : wanted;
  };

  return {
    async open() {
      port = await listen(createServer(TCP, onSocket), settings.port);
      if (settings.tlsCertFile === undefined || settings.tlsKeyFile === undefined) return;
      const server = createTlsServer({
        ...TCP,
        cert: readFileSync(settings.tlsCertFile),
        key: readFileSync(settings.tlsKeyFile),
        minVersion: 'TLSv1.2',
        handshakeTimeout: TLS_HANDSHAKE_MS,
      });
      server.on('secureConnection', onSocket);
      server.on('tlsClientError', () => warn({}, 'a TLS handshake failed'));
      tlsPort = await listen(server, settings.tlsPort);
    },
    async close() {
      await Promise.all(
        servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      );
    },
    get port() {
      return port;
    },
    get tlsPort() {
      return tlsPort;
    },
  };
}
