/**
 * Every event on the bus, and who may receive it over `WS /live`.
 * A new event reaches nobody outside until it is given an audience here.
 */
import type { Mentions } from './alert-mask.ts';
import type { Alert, AlertEvent } from './api/alerts.ts';
import type { Camera } from './api/cameras.ts';
import type { SystemStatus } from './api/centre.ts';
import type { Dispatch, Unit } from './api/dispatch.ts';
import type { DataClass, Permission, ResourceScope } from './permissions.ts';
import type { LonLat } from './reading.ts';

export interface LatestEvent {
  deviceId: string;
  quantity: string;
  unit: string;
  timeMs: number;
  value: number;
  quality: number;
  areaId: string | null;
  domain: string | null;
  agencyId: string | null;
  class: DataClass;
  position: LonLat | null;
}

export interface UnitPositionEvent {
  unitId: string;
  timeMs: number;
  lon: number;
  lat: number;
  speedKmh: number | null;
  headingDeg: number | null;
  accuracyM: number | null;
  areaId: string | null;
  agencyId: string | null;
  class: DataClass;
}

interface AlertChange {
  seq: number;
  alert: Alert;
  event: AlertEvent;
  /** Of what alert and event tell of besides; never sent to clients. */
  mentions: Mentions;
}

export interface EventMap {
  /** New latest values of one committed batch. */
  'latest.changed': LatestEvent[];
  /** New positions of units of one committed batch. */
  'unit.moved': UnitPositionEvent[];
  /** One line was added to an alert's history. */
  'alert.changed': AlertChange;
  'unit.changed': Unit;
  'dispatch.changed': Dispatch & ResourceScope;
  'camera.changed': Camera;
  /** Figures with and without what is restricted, each for those who may see all of it. */
  'system.changed': { internal: SystemStatus; restricted: SystemStatus };
  /** Caches refresh on this; never sent to clients. */
  'registry.changed': { kind: 'device' | 'camera' | 'unit' | 'area' | 'rule' | 'user'; id: string | null };
  /** Sessions, sockets and tickets of this user end now; never sent to clients. */
  'user.revoked': { userId: string; sessionId: string | null };
  /** What a session may do has changed: what was opened under the old rights ends now; never sent to clients. */
  'user.rights': { userId: string; sessionId: string };
}

/** Topics a client may subscribe to on `WS /live`. */
export const LIVE_TOPICS = ['alerts', 'latest', 'units', 'dispatches', 'cameras', 'system'] as const;
export type LiveTopic = (typeof LIVE_TOPICS)[number];

export interface Audience {
  topic: LiveTopic;
  permission: Permission;
  /** `lossless` is sequenced and resumable; `latest` keeps one value per key for a slow client. */
  delivery: 'lossless' | 'latest';
}

export const AUDIENCES: { readonly [K in keyof EventMap]: Audience | null } = {
  'alert.changed': { topic: 'alerts', permission: 'alerts.read', delivery: 'lossless' },
  'latest.changed': { topic: 'latest', permission: 'observations.read', delivery: 'latest' },
  'unit.moved': { topic: 'units', permission: 'units.read', delivery: 'latest' },
  'unit.changed': { topic: 'units', permission: 'units.read', delivery: 'latest' },
  'dispatch.changed': { topic: 'dispatches', permission: 'units.read', delivery: 'latest' },
  'camera.changed': { topic: 'cameras', permission: 'cameras.read', delivery: 'latest' },
  'system.changed': { topic: 'system', permission: 'system.read', delivery: 'latest' },
  'registry.changed': null,
  'user.revoked': null,
  'user.rights': null,
};
