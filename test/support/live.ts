import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { manualClock } from '../../core/clock.ts';
import type { LatestEvent } from '../../core/events.ts';
import type { Caller } from '../../core/permissions.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import type { AlertChange, AlertSource } from '../../server/live/alert-tail.ts';
import { createHub, type LiveHub } from '../../server/live/hub.ts';
import { testLogger } from './logger.ts';
import { grantWith } from './roles.ts';

/** A socket whose other side reads only when told to. */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  reading = true;
  closedWith: number | undefined;
  terminated = false;
  frames: Record<string, unknown>[] = [];
  send(text: string) {
    if (!this.reading) this.bufferedAmount += text.length;
    this.frames.push(JSON.parse(text));
  }
  close(code: number) {
    this.closedWith ??= code;
    this.readyState = 3;
    this.emit('close');
  }
  terminate() {
    this.terminated = true;
  }
  ping() {
    if (this.reading) this.emit('pong');
  }
  ask(message: object) {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }
  of(type: string) {
    return this.frames.filter((frame) => frame.type === type);
  }
  alertSeqs() {
    return this.of('event').flatMap((frame) => (frame.topic === 'alerts' ? [frame.seq as number] : []));
  }
}

export const anywhere: Caller = {
  userId: 'u1',
  username: 'u1',
  displayName: 'u1',
  sessionId: 's1',
  agencyId: null,
  grants: [grantWith('admin')],
};
export const inWest = (role: 'viewer' | 'operator' = 'viewer'): Caller => ({
  ...anywhere,
  grants: [grantWith(role, { areas: ['west'] })],
});

export const change = (seq: number, areaId: string | null = 'west') =>
  ({
    seq,
    alert: {
      id: seq,
      areaId,
      domain: 'environment',
      agencyId: null,
      class: 'internal',
      parties: [],
      snapshot: null,
      dispatches: [],
    },
    event: { seq, kind: 'raised' },
    mentions: { cameras: {}, units: {} },
  }) as unknown as AlertChange;
export const value = (deviceId: string, n: number, more: Partial<LatestEvent> = {}): LatestEvent => ({
  deviceId,
  quantity: 'pm25',
  unit: 'ug/m3',
  timeMs: n,
  value: n,
  quality: 0,
  areaId: 'west',
  domain: null,
  agencyId: null,
  class: 'internal',
  position: [105, 10],
  ...more,
});

/** A history in memory that answers as the database does: in order, only what is committed. */
export function history() {
  const rows: AlertChange[] = [];
  const source: AlertSource = {
    async eventsSince(scope, seq, limit) {
      return rows
        .filter(
          (row) =>
            row.seq > seq &&
            scope.some((box) => box.areas === 'all' || box.areas.includes(row.alert.areaId ?? '')),
        )
        .slice(0, limit);
    },
    lastSeq: async () => rows.at(-1)?.seq ?? 0,
  };
  return { rows, source };
}

export async function setUp(options: { caller?: Caller; source?: AlertSource } = {}) {
  const clock = manualClock(0);
  const bus = createMemoryBus(testLogger());
  const store = history();
  let caller: Caller | undefined = options.caller ?? anywhere;
  const hub: LiveHub = createHub({
    bus,
    clock,
    logger: testLogger(),
    sessions: { current: () => caller },
    alerts: options.source ?? store.source,
  });
  const connect = () => {
    const socket = new FakeSocket();
    hub.accept(socket as unknown as WebSocket, caller ?? anywhere);
    return socket;
  };
  return {
    clock,
    bus,
    hub,
    connect,
    rows: store.rows,
    become(next: Caller | undefined) {
      caller = next;
    },
    raise(seq: number, areaId?: string | null) {
      store.rows.push(change(seq, areaId));
      bus.emit('alert.changed', change(seq, areaId));
    },
  };
}
export const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
export const latestOf = (socket: FakeSocket) =>
  socket
    .of('event')
    .flatMap((frame) => (frame.event === 'latest.changed' ? (frame.data as LatestEvent[]) : []));
