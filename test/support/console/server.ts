/** The product's own HTTP assembly (headers, errors, permissions) over an invented world: for tests of the console. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import sharp from 'sharp';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { scopeOfAlert } from '../../../core/alert-mask.ts';
import { nextAlertStatus } from '../../../core/alert-state.ts';
import type { Alert, AlertEvent } from '../../../core/api/alerts.ts';
import type { DeviceType } from '../../../core/api/devices.ts';
import type { Dispatch, DispatchState } from '../../../core/api/dispatch.ts';
import { isActiveDispatch, unitStatusDuring } from '../../../core/dispatch-state.ts';
import { AppError } from '../../../core/errors.ts';
import type { EventMap } from '../../../core/events.ts';
import { AUDIENCES } from '../../../core/events.ts';
import type { Caller } from '../../../core/permissions.ts';
import { createHttpApp, type Route, route } from '../../../server/http/index.ts';
import { centreRoutes, loadProfile, mountMapFiles } from '../../../server/profile/index.ts';
import { testLogger } from '../logger.ts';
import { grantWith, ROLE_BOOK } from '../roles.ts';
import type { AlarmSpec } from './alarms.ts';
import { histogram, observations, recommend, scene, search } from './answers.ts';
import { auditStatus, facetsOf, makeTrail } from './audit.ts';
import { makeWorld, raise, record, type World } from './world.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const any = z.unknown();
const ById = z.object({ id: z.string() });

export interface ConsoleServer {
  url: string;
  world: World;
  /** What the next sign-in may do. */
  role: string;
  /** Raises an alarm before everybody's eyes. */
  raise(spec: AlarmSpec): Alert;
  push<K extends keyof EventMap>(event: K, data: EventMap[K]): void;
  /** Makes every route whose path starts so answer with an error; null ends it. */
  fail(prefix: string, error: AppError | null): void;
  /** Cuts every connection and refuses new ones until `resume`. */
  vanish(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

export async function startConsoleServer(
  options: { port?: number; nowMs?: number } = {},
): Promise<ConsoleServer> {
  const world = makeWorld(options.nowMs ?? Date.now());
  const profile = await loadProfile(`${ROOT}config/provinces`, 'demo');
  const trail = makeTrail(options.nowMs ?? Date.now());
  const failures = new Map<string, AppError>();
  const sockets = new Set<WebSocket>();
  const state = { role: 'operator', signedIn: false };

  const push = (event: keyof EventMap, data: unknown) => {
    const topic = AUDIENCES[event]?.topic;
    for (const socket of sockets)
      socket.send(JSON.stringify({ type: 'event', topic, event, seq: world.seq, data }));
  };
  const changed = (alert: Alert, event: AlertEvent) =>
    push('alert.changed', { seq: event.seq, alert, event });
  const get = (
    path: string,
    handler: (context: { query: Record<string, string>; params: { id: string } }) => unknown,
  ) =>
    route({
      method: 'get',
      path,
      summary: path,
      tag: 'test',
      access: 'authenticated',
      params: z.looseObject({}),
      query: z.record(z.string(), z.string()),
      response: any,
      handler: async ({ query, params }) => handler({ query, params: params as { id: string } }),
    });
  const write = (
    method: 'post' | 'patch',
    path: string,
    handler: (body: Record<string, unknown>, id: string) => unknown,
  ) =>
    route({
      method,
      path,
      summary: path,
      tag: 'test',
      access: 'authenticated',
      params: z.looseObject({}),
      body: z.looseObject({}),
      response: any,
      handler: async ({ body, params }) => handler(body, String((params as { id?: string }).id ?? '')),
    });
  const list = <T>(items: T[]) => ({ items, nextCursor: null });
  const alertOf = (id: string) => {
    const alert = world.alerts.find((one) => one.id === Number(id));
    if (!alert) throw new AppError('request.not_found');
    return alert;
  };
  const act =
    (kind: 'acknowledged' | 'resolved' | 'commented') => (body: Record<string, unknown>, id: string) => {
      const alert = alertOf(id);
      if (body.expectedState !== undefined && body.expectedState !== alert.state)
        throw new AppError('request.conflict', { detail: `the alarm is ${alert.state} now` });
      Object.assign(alert, nextAlertStatus({ state: alert.state, active: alert.active }, kind));
      const at = Date.now();
      if (kind === 'acknowledged') {
        alert.acknowledgedAt = new Date(at).toISOString();
        alert.acknowledgedBy = 'linh.tran';
      }
      const text = typeof body.text === 'string' ? body.text : null;
      changed(alert, record(world, alert, { kind, at, actor: 'linh.tran', text }));
      return alert;
    };
  const setDispatch = (dispatch: Dispatch, next: DispatchState) => {
    dispatch.state = next;
    dispatch.updatedAt = new Date().toISOString();
    dispatch.history.push({ state: next, at: dispatch.updatedAt, actor: 'linh.tran', note: null });
    const unit = world.units.find((one) => one.id === dispatch.unitId);
    if (unit) {
      unit.status = unitStatusDuring(next);
      unit.alertId = isActiveDispatch(next) ? dispatch.alertId : null;
      unit.dispatchId = isActiveDispatch(next) ? dispatch.id : null;
      unit.statusSince = dispatch.updatedAt;
      push('unit.changed', unit);
    }
    const alert = alertOf(String(dispatch.alertId));
    alert.dispatches = [
      ...alert.dispatches.filter(({ id }) => id !== dispatch.id),
      { id: dispatch.id, unitId: dispatch.unitId, state: next },
    ];
    changed(
      alert,
      record(world, alert, { kind: 'dispatched', at: Date.now(), actor: 'linh.tran', text: null }),
    );
    push('dispatch.changed', { ...dispatch, ...scopeOfAlert(alert) });
    return dispatch;
  };
  const picture = (path: string, draw: (id: string) => string) =>
    route({
      method: 'get',
      path,
      summary: path,
      tag: 'test',
      access: 'authenticated',
      params: ById,
      response: null,
      async handler({ params, res }) {
        res.setHeader('X-Taken-At', new Date(Date.now() - 1500).toISOString());
        res.type('image/jpeg').end(
          await sharp(Buffer.from(draw(params.id)))
            .jpeg()
            .toBuffer(),
        );
      },
    });

  const routes: Route[] = [
    ...centreRoutes({ profile, demo: true, version: '0.1.0' }),
    route({
      method: 'post',
      path: '/auth/login',
      summary: 'sign in',
      tag: 'test',
      access: 'public',
      body: z.object({ username: z.string(), password: z.string() }),
      response: any,
      async handler({ body }) {
        if (body.password === 'wrong') throw new AppError('auth.invalid');
        state.signedIn = true;
        return { accessToken: 'test-token', expiresIn: 600 };
      },
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      summary: 'renew',
      tag: 'test',
      access: 'public',
      response: any,
      async handler() {
        if (!state.signedIn) throw new AppError('auth.required');
        return { accessToken: 'test-token', expiresIn: 600 };
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      summary: 'sign out',
      tag: 'test',
      access: 'public',
      response: null,
      async handler() {
        state.signedIn = false;
      },
    }),
    get('/auth/methods', () => ({ passkey: false, oidc: null })),
    get('/me', () => ({
      id: 'u1',
      username: 'linh.tran',
      displayName: 'Trần Thùy Linh',
      agencyId: null,
      grants: [grantOf(1, state.role)],
      permissions: [...(ROLE_BOOK.get(state.role)?.permissions ?? [])],
      needs: null,
      lockAfterS: null,
    })),
    route({
      method: 'post',
      path: '/live/ticket',
      summary: 'ticket',
      tag: 'test',
      access: 'authenticated',
      response: any,
      handler: async () => ({ ticket: 't', expiresIn: 30 }),
    }),
    get('/system', () => world.system),
    get('/areas', () => list(world.areas)),
    get('/devices', () => list(world.devices)),
    get('/device-types', () =>
      list(
        [
          ['air-quality', 'Trạm không khí', 'Air-quality station'],
          ['water-level', 'Trạm mực nước', 'Water-level gauge'],
          ['salinity', 'Trạm độ mặn', 'Salinity meter'],
          ['traffic-counter', 'Đếm xe', 'Traffic counter'],
          ['weather', 'Trạm khí tượng', 'Weather station'],
        ].map(
          ([id = '', vi = '', en = '']): DeviceType => ({
            id,
            vi,
            en,
            icon: 'gauge',
            domain: null,
            mobile: false,
            quantities: null,
            expectedIntervalS: 60,
          }),
        ),
      ),
    ),
    get('/latest', () => list(world.latest)),
    get('/devices/:id/observations', ({ query, params }) => observations(world, params.id, query)),
    get('/cameras', ({ query }) =>
      list(query.sees === undefined ? world.cameras : world.cameras.filter(({ id }) => id === 'cam-06')),
    ),
    picture('/cameras/:id/snapshot', (id) =>
      scene(id, world.cameras.find((one) => one.id === id)?.name ?? id),
    ),
    write('post', '/cameras/:id/play', () => {
      throw new AppError('camera.media_off');
    }),
    get('/units', () => list(world.units)),
    write('patch', '/units/:id/status', (body, id) => {
      const unit = world.units.find((one) => one.id === id);
      if (!unit) throw new AppError('request.not_found');
      Object.assign(unit, { status: body.status, statusSince: new Date().toISOString() });
      push('unit.changed', unit);
      return unit;
    }),
    get('/dispatches', () => list(world.dispatches)),
    write('post', '/dispatches', (body) => {
      const unit = world.units.find((one) => one.id === body.unitId);
      if (unit?.status !== 'available') throw new AppError('dispatch.unit_busy');
      const at = new Date().toISOString();
      const dispatch: Dispatch = {
        id: world.dispatches.length + 1,
        alertId: Number(body.alertId),
        unitId: unit.id,
        unitName: unit.name,
        state: 'assigned',
        reason: 'rảnh, gần nhất',
        distanceM: 2400,
        createdBy: 'linh.tran',
        createdAt: at,
        updatedAt: at,
        history: [],
      };
      world.dispatches.push(dispatch);
      return setDispatch(dispatch, 'assigned');
    }),
    write('patch', '/dispatches/:id', (body, id) => {
      const dispatch = world.dispatches.find((one) => one.id === Number(id));
      if (!dispatch) throw new AppError('request.not_found');
      return setDispatch(dispatch, body.state as DispatchState);
    }),
    get('/alerts', ({ query }) =>
      list(
        query.state === 'open'
          ? world.alerts.filter(({ state: now }) => now !== 'closed')
          : [...world.alerts].reverse(),
      ),
    ),
    get('/alerts/histogram', () => histogram(world)),
    get('/alerts/:id', ({ params }) => ({
      ...alertOf(params.id),
      events: world.events.filter(({ alertId }) => alertId === Number(params.id)),
    })),
    get('/alerts/:id/recommendations', ({ params }) => recommend(world, alertOf(params.id))),
    picture('/alerts/:id/snapshot', (id) => scene(id, alertOf(id).snapshot?.cameraName ?? '')),
    write('post', '/alerts/:id/acknowledge', act('acknowledged')),
    write('post', '/alerts/:id/resolve', act('resolved')),
    write('post', '/alerts/:id/comment', act('commented')),
    get('/search', ({ query }) => list(search(world, query.q ?? ''))),
    get('/quarantine', () => list(world.quarantine)),
    get('/quarantine/:id', ({ params }) => world.quarantine.find(({ id }) => id === Number(params.id))),
    write('post', '/quarantine/:id/replay', (_body, id) => {
      const item = world.quarantine.find((one) => one.id === Number(id));
      if (!item) throw new AppError('request.not_found');
      return Object.assign(item, { replayedAt: new Date().toISOString(), replayResult: item.code });
    }),
    get('/roles', () => ({
      items: [...ROLE_BOOK.values()].map((role) => ({ ...role, permissions: [...role.permissions] })),
    })),
    get('/audit', ({ query }) =>
      list(trail.filter(({ action }) => query.action === undefined || action === query.action)),
    ),
    get('/audit/facets', () => facetsOf(trail)),
    get('/audit/status', () => auditStatus(Date.now())),
    get('/me/activity', () => list(trail.filter(({ actor }) => actor.name === 'linh.tran'))),
    get('/agencies', () => ({ items: [] })),
    get('/users', () =>
      list(
        (['admin', 'operator', 'viewer'] as const).map((role, n) => ({
          id: `u${n}`,
          username: ['admin', 'linh.tran', 'khach'][n],
          displayName: ['Quản trị', 'Trần Thùy Linh', 'Khách xem'][n],
          kind: 'person',
          agencyId: null,
          status: n === 2 ? 'locked' : 'active',
          grants: [grantOf(n, role, n === 2 ? ['area-M0'] : null)],
        })),
      ),
    ),
  ];

  const app = createHttpApp({
    routes,
    logger: testLogger(),
    version: '0.1.0',
    authenticate: async () => callerOf(state.role),
    authenticateDevice: async () => undefined,
    allowedHosts: [],
    mount(root) {
      root.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
      root.use((req, _res, next) => {
        for (const [prefix, error] of failures) if (req.path.startsWith(prefix)) return next(error);
        next();
      });
      mountMapFiles(root, {
        basemapDir: `${ROOT}config/basemap`,
        provincesDir: `${ROOT}config/provinces`,
        mapFolder: 'demo',
      });
      root.use(express.static(`${ROOT}web/dist`, { index: false }));
      root.get(/^\/(?!api\/|basemap\/)[^.]*$/, (_req, res) =>
        res.sendFile('index.html', { root: `${ROOT}web/dist` }),
      );
    },
  });

  const live = new WebSocketServer({ noServer: true });
  live.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.send(JSON.stringify({ type: 'hello', serverStartId: 's1', seq: world.seq }));
  });
  let port = options.port ?? 0;
  const listen = async () => {
    const server = createServer(app);
    server.on('upgrade', (request, socket, head) => {
      live.handleUpgrade(request, socket, head, (opened) => live.emit('connection', opened));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    return server;
  };
  let server = await listen();
  const vanish = async () => {
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  return {
    url: `http://127.0.0.1:${port}`,
    world,
    get role() {
      return state.role;
    },
    set role(role) {
      state.role = role;
    },
    raise(spec) {
      world.nowMs = Date.now();
      const { alert, event } = raise(world, spec);
      const raised = world.events.find((one) => one.alertId === alert.id && one.kind === 'raised') ?? event;
      changed(alert, { ...raised, seq: alert.seq });
      return alert;
    },
    push,
    fail(prefix, error) {
      if (error) failures.set(prefix, error);
      else failures.delete(prefix);
    },
    vanish,
    async resume() {
      server = await listen();
    },
    close: vanish,
  };
}

function grantOf(id: number, role: string, areaIds: string[] | null = null) {
  const limits = { agencies: 'all', areaIds, domains: null, maxClass: 'internal' };
  return { id, role, ...limits, validFrom: null, validTo: null };
}

function callerOf(role: string): Caller {
  return {
    userId: 'u1',
    username: 'linh.tran',
    displayName: 'Trần Thùy Linh',
    sessionId: 's',
    agencyId: null,
    grants: [grantWith(role)],
  };
}
