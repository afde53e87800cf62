import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Me } from '../../core/api/auth.ts';
import { ApiError, createHttp, isApiError } from './http.ts';
import { createSessionFlow, type SessionPorts, useSession } from './session.ts';

const me: Me = {
  id: 'u',
  username: 'linh',
  displayName: 'Linh',
  agencyId: null,
  grants: [],
  needs: null,
  lockAfterS: null,
  permissions: ['alerts.read'],
};

function flow(over: Partial<SessionPorts> = {}) {
  const calls = { refresh: 0 };
  const ports: SessionPorts = {
    login: async () => ({ accessToken: 'first', expiresIn: 600 }),
    secondFactor: async () => ({ accessToken: 'second', expiresIn: 600 }),
    passkey: async () => ({ accessToken: 'passkey', expiresIn: 600 }),
    refresh: async () => {
      calls.refresh++;
      return { accessToken: `token-${calls.refresh}`, expiresIn: 600 };
    },
    logout: async () => undefined,
    me: async () => me,
    exclusively: (work) => work(),
    isRefusal: (error) => isApiError(error) && error.status === 401,
    ...over,
  };
  return { session: createSessionFlow(() => ports), calls };
}

beforeEach(() => useSession.setState({ status: 'starting', me: null, endedBy: null }));

describe('the session', () => {
  it('comes back by its cookie without asking', async () => {
    const { session } = flow();
    await session.restore();
    expect(useSession.getState()).toMatchObject({ status: 'signed_in', me });
  });

  it('spends the refresh token once however many requests ask for a new one', async () => {
    const { session, calls } = flow();
    const tokens = await Promise.all([session.renew(), session.renew(), session.renew()]);
    expect(calls.refresh).toBe(1);
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(await session.renew()).toBe('token-2');
  });

  it('ends as expired when the server refuses, and only then', async () => {
    const refused = flow({
      refresh: async () => {
        throw new ApiError('auth.expired', { status: 401 });
      },
    });
    await refused.session.login('linh', 'x');
    expect(await refused.session.renew()).toBeNull();
    expect(useSession.getState()).toMatchObject({ status: 'signed_out', endedBy: 'expired' });

    const cut = flow({
      refresh: async () => {
        throw new ApiError('network.unreachable');
      },
    });
    await cut.session.login('linh', 'x');
    await expect(cut.session.renew()).rejects.toThrow('network.unreachable');
    expect(useSession.getState().status).toBe('signed_in');
  });

  it('forgets the token at sign-out even when the server cannot be told', async () => {
    const { session } = flow({
      logout: async () => {
        throw new ApiError('network.unreachable');
      },
    });
    await session.login('linh', 'x');
    expect(session.token()).toBe('first');
    await session.logout();
    expect(session.token()).toBeNull();
    expect(useSession.getState()).toMatchObject({ status: 'signed_out', endedBy: null });
  });
});

describe('a request', () => {
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    new Response(JSON.stringify(body), { status, headers });
  const http = (
    fetch: (request: { url: string; token: string | null }) => Promise<Response>,
    renewed: string | null,
  ) =>
    createHttp({
      origin: '',
      fetch: async (url, init) =>
        fetch({ url: String(url), token: new Headers(init?.headers).get('authorization') }),
      token: () => 'old',
      renew: async () => renewed,
    });

  it('is sent once more with a new token after a 401', async () => {
    const seen: (string | null)[] = [];
    const client = http(async ({ token }) => {
      seen.push(token);
      return token === 'Bearer new' ? answer(200, { ok: true }) : answer(401, {});
    }, 'new');
    expect(await client.json('/me', z.object({ ok: z.boolean() }))).toEqual({ ok: true });
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
  });

  it('carries the server’s code, detail and request id in its error', async () => {
    const problem = {
      type: 'x',
      title: 'Unit is already dispatched',
      status: 409,
      code: 'dispatch.unit_busy',
      detail: 'M7',
      requestId: 'r1',
    };
    const client = http(async () => answer(409, problem), null);
    const error = await client.json('/dispatches', z.unknown()).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'dispatch.unit_busy', status: 409, detail: 'M7', requestId: 'r1' });
  });

  it('says that the network is gone when a proxy answers for the server, or nobody does', async () => {
    const proxy = http(async () => new Response('<html>Bad gateway</html>', { status: 502 }), null);
    await expect(proxy.json('/me', z.unknown())).rejects.toMatchObject({ code: 'network.unreachable' });
    const nobody = http(async () => {
      throw new TypeError('Failed to fetch');
    }, null);
    await expect(nobody.json('/me', z.unknown())).rejects.toMatchObject({ code: 'network.unreachable' });
  });

  it('refuses an answer that does not fit its schema and says where', async () => {
    const client = http(async () => answer(200, { count: 'many' }), null);
    await expect(client.json('/system', z.object({ count: z.number() }))).rejects.toMatchObject({
      code: 'answer.unreadable',
      detail: expect.stringContaining('count'),
    });
  });

  it('keeps the query of an address that the server has handed out', async () => {
    const urls: string[] = [];
    const client = http(async ({ url }) => {
      urls.push(url);
      return answer(200, {});
    }, null);
    await client.json('/api/v1/alerts/1/snapshot?width=640', z.unknown(), { query: { a: 1, b: null } });
    await client.json('/alerts', z.unknown(), { query: { state: 'open', cursor: '' } });
    expect(urls).toEqual(['/api/v1/alerts/1/snapshot?width=640&a=1', '/api/v1/alerts?state=open']);
  });
});
