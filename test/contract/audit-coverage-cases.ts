/**
 * How the audit coverage test performs every route that writes. A route that is not named here fails the test:
 * whoever adds one says how it is done, and the test looks for the entry it must leave (docs/audit.md).
 */
import { SAMPLE_AREAS } from '../support/sample-areas.ts';
import type { World } from './authorisation-cases.ts';

export interface Act {
  path: string;
  body?: unknown;
  raw?: string;
  /** Somebody else than the local operator does it. */
  token?: string;
  headers?: Record<string, string>;
  /** Status when it is no success that leaves the entry, for example a refused sign-in. */
  refused?: number;
}

export interface Performer {
  world: World;
  /** Calls as the local operator; throws when the answer is no success. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  ask(method: string, path: string, body?: unknown): Promise<any>;
  /** Signs in; the answer's access token and cookie. */
  signIn(username: string): Promise<{ token: string; cookie: string }>;
}

type Perform = (stage: Performer) => Act | Promise<Act>;

const camera = { name: 'Máy quay', position: [110.5, 10.5], source: { kind: 'test-pattern', scene: 'road' } };
const rule = {
  kind: 'threshold',
  name: 'Mặn thử',
  domain: 'environment',
  severity: 'minor',
  params: { quantity: 'salinity', above: 9 },
};
/** Routes that write, and how each is performed. The entry must be there when the answer is. */
export const PERFORMED: Record<string, Perform> = {
  'POST /areas': () => ({ path: '/areas', body: SAMPLE_AREAS }),
  'POST /devices': () => ({
    path: '/devices',
    body: { name: 'Trạm mới', type: 'salinity', position: [110.5, 10.5] },
  }),
  'POST /devices/import': () => ({
    path: '/devices/import',
    raw: 'id,name,type,lon,lat\nfrom-table,Trạm bảng,salinity,110.5,10.5',
  }),
  'PATCH /devices/{id}': () => ({ path: '/devices/west-device', body: { name: 'Trạm đổi tên' } }),
  'POST /devices/{id}/credential': () => ({ path: '/devices/west-device/credential' }),
  'POST /cameras': () => ({ path: '/cameras', body: camera }),
  'PATCH /cameras/{id}': () => ({ path: '/cameras/west-camera', body: { name: 'Máy quay đổi tên' } }),
  'POST /cameras/{id}/play': () => ({ path: '/cameras/west-camera/play' }),
  'POST /rules': () => ({ path: '/rules', body: rule }),
  'PATCH /rules/{id}': () => ({ path: '/rules/whole', body: { severity: 'critical' } }),
  'POST /rules/{id}/activate': () => ({ path: '/rules/whole/activate' }),
  'POST /alerts/{id}/comment': ({ world }) => ({
    path: `/alerts/${world.alert.west}/comment`,
    body: { text: 'đã gọi' },
  }),
  'POST /alerts/{id}/acknowledge': ({ world }) => ({
    path: `/alerts/${world.alert.west}/acknowledge`,
    body: {},
  }),
  'POST /alerts/{id}/resolve': ({ world }) => ({
    path: `/alerts/${world.alert.east}/resolve`,
    body: { text: 'đã xử lý' },
  }),
  'POST /units': () => ({
    path: '/units',
    body: { id: 'free-unit', name: 'Tổ mới', callSign: 'M1', kind: 'ambulance', areaId: '99001' },
  }),
  'PATCH /units/{id}/status': async (stage) => {
    await stage.ask('POST', '/units', {
      name: 'Tổ nghỉ',
      callSign: 'N1',
      kind: 'ambulance',
      areaId: '99001',
    });
    return { path: '/units/n1/status', body: { status: 'out_of_service', reason: 'bảo dưỡng' } };
  },
  'POST /dispatches': async (stage) => {
    await stage.ask('POST', '/units', { name: 'Tổ đi', callSign: 'D1', kind: 'ambulance', areaId: '99001' });
    return { path: '/dispatches', body: { alertId: stage.world.alert.west, unitId: 'd1' } };
  },
  'PATCH /dispatches/{id}': async (stage) => {
    await stage.ask('POST', '/units', {
      name: 'Tổ nhận',
      callSign: 'A1',
      kind: 'ambulance',
      areaId: '99001',
    });
    const { id } = await stage.ask('POST', '/dispatches', { alertId: stage.world.alert.west, unitId: 'a1' });
    return { path: `/dispatches/${id}`, body: { state: 'accepted' } };
  },
  'POST /quarantine/replay': async (stage) => {
    const [held] = (await stage.ask('GET', '/quarantine?device=west-device')).items;
    return { path: '/quarantine/replay', body: { ids: [held.id] } };
  },
  'POST /quarantine/{id}/replay': async (stage) => {
    const items: { id: number; payload: string | null }[] = (
      await stage.ask('GET', '/quarantine?device=west-device')
    ).items;
    return { path: `/quarantine/${items.find(({ payload }) => payload !== null)?.id}/replay` };
  },
  'POST /audit/export': () => ({ path: '/audit/export', body: { format: 'jsonl', reason: 'kiểm tra' } }),
};

/** Routes that read what must be known to have been read. */
export const READS: Record<string, Perform> = {
  'GET /audit': () => ({ path: '/audit' }),
  'GET /audit/verify': () => ({ path: '/audit/verify' }),
  'GET /quarantine/{id}': ({ world }) => ({ path: `/quarantine/${world.quarantine.west}` }),
};

/** Routes that are no act of a person, or leave their entry elsewhere, and why. */
export const NO_ACT: Record<string, string> = {
  'POST /ingest/{device}': 'a device speaks: readings and quarantine keep it',
  'POST /users': 'accounts: with the account requests',
  'PATCH /users/{id}': 'accounts: with the account requests',
  'POST /me/password': 'accounts: with the sign-in',
  'POST /auth/login': 'accounts: with the sign-in',
  'POST /auth/logout': 'accounts: with the sign-in',
  'POST /auth/refresh':
    'goes on with a sign-in that is in the trail; a stolen token is recorded as its own act',
  'POST /live/ticket': 'opens the push socket of a session that is in the trail; changes nothing',
  'GET /cameras/{id}/snapshot': 'needs a camera; server/registry/routes-cameras.test.ts',
  'GET /alerts/{id}/snapshot': 'needs a picture; server/alerts/routes.test.ts',
};
