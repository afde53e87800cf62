import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { ClientCertificate, Logger } from '../../core/ports.ts';
import type { MqttSettings } from '../settings.ts';

export interface Listeners {
  open(): Promise<void>;
  /** No new connections; resolves when the last one is gone. */
  close(): Promise<void>;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  readonly mtlsPort: number | undefined;
}

const TLS_HANDSHAKE_MS = 10_000;
/** The system asks a silent peer whether it is there: for devices that connect without a keep-alive. */
const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/** The plain port, and the TLS port when a certificate is configured. */
export function createListeners(options: {
  settings: MqttSettings;
  logger: Logger;
  warn(fields: object, message: string): void;
  /** With the certificate where one was asked for; such a connection has no other identity. */
  onSocket(socket: Socket, certificate?: ClientCertificate): void;
}): Listeners {
  const { settings, logger, warn, onSocket } = options;
  const servers: Server[] = [];
  let port: number | undefined;
  let tlsPort: number | undefined;
  let mtlsPort: number | undefined;

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
      port = await listen(
        createServer(TCP, (socket) => onSocket(socket)),
        settings.port,
      );
      if (settings.tlsCertFile === undefined || settings.tlsKeyFile === undefined) return;
      const tls = {
        ...TCP,
        cert: readFileSync(settings.tlsCertFile),
        key: readFileSync(settings.tlsKeyFile),
        minVersion: 'TLSv1.2' as const,
        handshakeTimeout: TLS_HANDSHAKE_MS,
      };
      const server = createTlsServer(tls, (socket) => onSocket(socket));
      server.on('tlsClientError', () => warn({}, 'a TLS handshake failed'));
      tlsPort = await listen(server, settings.tlsPort);
      if (settings.clientCaFile === undefined) return;
      // Chain and dates are checked in the handshake: whoever fails it never speaks MQTT.
      const own = { ca: readFileSync(settings.clientCaFile), requestCert: true, rejectUnauthorized: true };
      const mutual = createTlsServer({ ...tls, ...own }, (socket) => {
        const certificate = certificateOf(socket);
        if (certificate) onSocket(socket, certificate);
        else socket.destroy();
      });
      mutual.on('tlsClientError', () => warn({}, 'a TLS handshake with a client certificate failed'));
      mtlsPort = await listen(mutual, settings.mtlsPort);
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
    get mtlsPort() {
      return mtlsPort;
    },
  };
}

function certificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (!socket.authorized || !certificate) return undefined;
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: certificate.subject.split('\n').join(', '),
  };
}
