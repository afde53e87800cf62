import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import { isAllowedHost, isForeignPage } from '../http/index.ts';

const CONSOLE_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** A part that takes over WebSocket upgrades of its own paths; false = not mine. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

interface WebLimits {
  /** Who has not sent a whole head by then, or a whole request, is cut off, … */
  headersMs: number;
  requestMs: number;
  /** … at the next look. */
  checkMs: number;
  headerBytes: number;
}

const LIMITS: WebLimits = { headersMs: 10_000, requestMs: 30_000, checkMs: 5000, headerBytes: 16_384 };

export interface WebServer {
  port: number;
  stop(): Promise<void>;
}

/** Serves the built console: hashed files for good, the page itself asked for again each time. */
export function mountConsole(app: Express, logger: Logger): void {
  if (!existsSync(join(CONSOLE_DIR, 'index.html'))) {
    logger.warn({}, 'the console is not built (npm run build); only the API is served');
    return;
  }
  app.use(
    '/assets',
    express.static(join(CONSOLE_DIR, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  app.use(express.static(CONSOLE_DIR, { index: false, cacheControl: false, dotfiles: 'ignore' }));
  // The console has its own addresses; all of them are its one page.
  app.get(/^\/(?!api\/|media\/|basemap\/|healthz|readyz|metrics|assets\/)[^.]*$/, (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-cache');
    res.sendFile('index.html', { root: CONSOLE_DIR, cacheControl: false }, (error) =>
      error ? next(error) : undefined,
    );
  });
}

export async function startWebServer(options: {
  app: Express;
  host: string;
  port: number;
  upgrades: readonly UpgradeHandler[];
  /** Host names besides loopback under which the product is reached. */
  allowedHosts: readonly string[];
  limits?: Partial<WebLimits>;
  logger: Logger;
}): Promise<WebServer> {
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
    },
    options.app,
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    // A socket is no request: the guards of the routes do not see it.
    if (!isAllowedHost(request, options.allowedHosts) || isForeignPage(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (!options.upgrades.some((handle) => handle(request, socket, head))) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Answers under way get a moment; what hangs longer is cut.
      const cut = setTimeout(() => server.closeAllConnections(), 2000);
      await closed;
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${error.code})`;
      reject(
        new AppError('config.invalid', { detail: `http.port ${port} on ${host} ${reason}`, cause: error }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
