import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Sessions } from '../../core/ports.ts';
import { createHttpApp, type HttpOptions, type Route } from '../../server/http/index.ts';
import { type Answer, type CallOptions, callApi } from './call.ts';
import { testLogger } from './logger.ts';

export type { Answer } from './call.ts';

export interface TestApi {
  url: string;
  server: Server;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The product's HTTP application on a free port of loopback, with the given routes. */
export async function startApi(
  routes: readonly Route[],
  sessions: Pick<Sessions, 'authenticate'>,
  options: Partial<HttpOptions> = {},
): Promise<TestApi> {
  const app = createHttpApp({
    routes,
    logger: testLogger(),
    version: '0.0.0',
    authenticate: sessions.authenticate,
    authenticateDevice: async () => undefined,
    allowedHosts: [],
    ...options,
  });
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    server,
    call: (method, path, call) => callApi(url, method, path, call),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sessions whose tokens are the names of the given callers. */
export function callersByToken(callers: Record<string, Caller>): Pick<Sessions, 'authenticate'> {
  return {
    async authenticate(token) {
      const caller = callers[token];
      if (!caller) throw new AppError('auth.required');
      return caller;
    },
  };
}
