import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Sessions } from '../../core/ports.ts';
import { createHttpApp, type HttpOptions, type Route } from '../../server/http/index.ts';
import { testLogger } from './logger.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  body: any;
}

export interface CallOptions {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

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
    async call(method, path, { token, body, headers } = {}) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = answer.headers.get('content-type')?.includes('json')
        ? await answer.json()
        : await answer.arrayBuffer();
      return { status: answer.status, headers: answer.headers, body: text };
    },
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
