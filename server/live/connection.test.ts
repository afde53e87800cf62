import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { manualClock } from '../../core/clock.ts';
import type { EventMap, LatestEvent } from '../../core/events.ts';
import type { Caller } from '../../core/permissions.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { AlertChange, AlertSource } from './alert-tail.ts';
import { createHub, type LiveHub } from './hub.ts';

/** A socket whose other side reads only when told to. */
class FakeSocket extends EventEmitter {
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

const anywhere: Caller = {
  userId: 'u1',
  username: 'u1',
  displayName: 'u1',
  sessionId: 's1',
  grants: [{ role: 'admin', areas: 'all', domains: 'all' }],
};
const inWest = (role: 'viewer' | 'operator' = 'viewer'): Caller => ({
  ...anywhere,
  grants: [{ role, areas: new Set(['west']), domains: 'all' }],
});

const change = (seq: number, areaId: string | null = 'west') =>
  ({ seq, alert: { id: seq, areaId, domain: 'environment' }, event: { seq } }) as unknown as AlertChange;
const value = (deviceId: string, n: number, more: Partial<LatestEvent> = {}): LatestEvent => ({
  deviceId,
  quantity: 'pm25',
  unit: 'ug/m3',
  timeMs: n,
  value: n,
  quality: 0,
  areaId: 'west',
  domain: null,
  position: [105, 10],
  ...more,
});

/** A history in memory that answers as the database does: in order, only what is committed. */
function history() {
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

async function setUp(options: { caller?: Caller; source?: AlertSource } = {}) {
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
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
const latestOf = (socket: FakeSocket) =>
  socket
    .of('event')
    .flatMap((frame) => (frame.event === 'latest.changed' ? (frame.data as LatestEvent[]) : []));

describe('a live connection', () => {
  it('is greeted, and gets nothing before it has asked', async () => {
    const { hub, bus, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    bus.emit('latest.changed', [value('a', 1)]);
    clock.advance(400);
    expect(socket.frames).toEqual([{ type: 'hello', serverStartId: expect.any(String), seq: 0 }]);
    hub.stop();
    expect(socket.closedWith).toBe(1001);
  });

  it('gets many values in few frames, the last of each series', async () => {
    const { hub, bus, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['latest'] });
    for (let n = 0; n < 10; n++)
      bus.emit('latest.changed', [value('a', n), value('b', n), value(`c${n}`, n)]);
    clock.advance(200);
    const frames = socket.of('event');
    expect(frames.length).toBe(1);
    expect(latestOf(socket).length).toBe(12);
    expect(latestOf(socket).find((row) => row.deviceId === 'a')?.value).toBe(9);
    hub.stop();
  });

  it('sees only the rows, topics and box that it may and wants to', async () => {
    const { hub, bus, clock, connect } = await setUp({ caller: inWest() });
    await hub.start();
    const socket = connect();
    socket.ask({
      type: 'subscribe',
      topics: ['latest', 'units', 'system', 'alerts'],
      bbox: [104, 9, 106, 11],
    });
    expect(socket.of('error')).toEqual([{ type: 'error', code: 'auth.forbidden', detail: 'system' }]);
    bus.emit('latest.changed', [
      value('own', 1),
      value('foreign', 1, { areaId: 'east' }),
      value('nowhere', 1, { areaId: null }),
      value('far', 1, { position: [110, 10] }),
      value('unplaced', 1, { position: null }),
    ]);
    const move = { timeMs: 1, lon: 105, lat: 10, speedKmh: null, headingDeg: null, accuracyM: null };
    bus.emit('unit.moved', [
      { ...move, unitId: 'own', areaId: 'west' },
      { ...move, unitId: 'foreign', areaId: 'east' },
      { ...move, unitId: 'far', areaId: 'west', lon: 110 },
    ]);
    bus.emit('system.changed', {} as EventMap['system.changed']);
    bus.emit('camera.changed', { id: 'c', areaId: 'west', domain: null } as EventMap['camera.changed']);
    clock.advance(200);
    expect(latestOf(socket).map((row) => row.deviceId)).toEqual(['own']);
    expect(
      socket
        .of('event')
        .filter((frame) => frame.topic === 'units')
        .map((frame) => frame.data),
    ).toEqual([[{ ...move, unitId: 'own', areaId: 'west' }]]);
    expect(socket.of('event').map((frame) => frame.event)).toEqual(['latest.changed', 'unit.moved']);
    hub.stop();
  });

  it('keeps the figures of the whole centre from those who see a part of it', async () => {
    const { hub, bus, clock, connect, become } = await setUp({ caller: inWest('operator') });
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['system'] });
    bus.emit('system.changed', {} as EventMap['system.changed']);
    clock.advance(200);
    expect(socket.of('event')).toEqual([]);
    become(anywhere);
    clock.advance(200);
    bus.emit('system.changed', {} as EventMap['system.changed']);
    clock.advance(200);
    expect(socket.of('event').length).toBe(1);
    hub.stop();
  });

  it('replaces what it asked for', async () => {
    const { hub, bus, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['latest'] });
    bus.emit('latest.changed', [value('a', 1)]);
    socket.ask({ type: 'subscribe', topics: ['cameras'] });
    clock.advance(200);
    bus.emit('latest.changed', [value('a', 2)]);
    bus.emit('camera.changed', { id: 'c', areaId: null, domain: null } as EventMap['camera.changed']);
    clock.advance(200);
    expect(socket.of('event').map((frame) => [frame.event, frame.data])).toEqual([
      ['camera.changed', { id: 'c', areaId: null, domain: null }],
    ]);
    hub.stop();
  });

  it('answers nonsense with an error, and floods with a close', async () => {
    const { hub, connect } = await setUp();
    await hub.start();
    const socket = connect();
    for (const text of [
      '',
      '{',
      '[]',
      '{"type":"subscribe","topics":[]}',
      '{"type":"subscribe","topics":["users"]}',
    ])
      socket.emit('message', Buffer.from(text), false);
    socket.emit('message', Buffer.from('{"type":"subscribe","topics":["latest"]}'), true);
    expect(socket.of('error').map((frame) => frame.code)).toEqual(Array(6).fill('request.invalid'));
    for (let n = 0; n < 40; n++) socket.ask({ type: 'subscribe', topics: ['latest'] });
    expect(socket.closedWith).toBe(1008);
    hub.stop();
  });

  it('folds values while its reader is slow, says how many, and then goes on', async () => {
    const { hub, bus, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['latest'] });
    socket.reading = false;
    socket.bufferedAmount = 300_000;
    for (let n = 0; n < 25; n++) {
      bus.emit('latest.changed', [value('a', n), value('b', n)]);
      clock.advance(200);
    }
    expect(latestOf(socket)).toEqual([]);
    socket.reading = true;
    socket.bufferedAmount = 0;
    clock.advance(200);
    expect(latestOf(socket).map((row) => [row.deviceId, row.value])).toEqual([
      ['a', 24],
      ['b', 24],
    ]);
    expect(socket.of('folded')).toEqual([{ type: 'folded', topic: 'latest', count: 48 }]);
    expect(hub.stats().foldedTotal).toBe(48);
    hub.stop();
  });

  it('is closed when it stops reading, and never before', async () => {
    const { hub, bus, clock, connect } = await setUp();
    await hub.start();
    const [frozen, slow, healthy] = [connect(), connect(), connect()];
    for (const socket of [frozen, slow, healthy]) socket.ask({ type: 'subscribe', topics: ['latest'] });
    frozen.reading = false;
    slow.reading = false;
    for (let n = 0; n < 75; n++) {
      bus.emit(
        'latest.changed',
        Array.from({ length: 200 }, (_, i) => value(`d${i}`, n)),
      );
      clock.advance(200);
      slow.bufferedAmount = Math.max(0, slow.bufferedAmount - 5000);
    }
    expect(frozen.closedWith).toBe(1013);
    expect(frozen.bufferedAmount).toBeLessThan(1024 * 1024);
    clock.advance(2000);
    expect(frozen.terminated).toBe(true);
    expect([slow.closedWith, healthy.closedWith]).toEqual([undefined, undefined]);
    expect(slow.bufferedAmount).toBeLessThan(1024 * 1024);
    expect(hub.stats().connections).toBe(2);
    hub.stop();
  });

  it('is closed when it stays over a mebibyte, even while it reads a little', async () => {
    const { hub, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    socket.bufferedAmount = 3_000_000;
    for (let n = 0; n < 60; n++) {
      socket.bufferedAmount -= 1000;
      clock.advance(200);
    }
    expect(socket.closedWith).toBe(1013);
    hub.stop();
  });

  it('is cut when its place does not answer', async () => {
    const { hub, clock, connect } = await setUp();
    await hub.start();
    const [gone, there] = [connect(), connect()];
    gone.reading = false;
    gone.on('newListener', () => undefined);
    clock.advance(19_000);
    gone.bufferedAmount = 0;
    for (let n = 0; n < 230; n++) {
      gone.bufferedAmount = 0;
      clock.advance(100);
    }
    expect([gone.terminated, there.terminated]).toEqual([true, false]);
    hub.stop();
  });

  it('ends within a tick when its session ends, and at once when it is revoked', async () => {
    const { hub, bus, clock, connect, become } = await setUp();
    await hub.start();
    const first = connect();
    bus.emit('user.revoked', { userId: 'somebody else', sessionId: null });
    expect(first.closedWith).toBeUndefined();
    bus.emit('user.revoked', { userId: 'u1', sessionId: 's1' });
    expect(first.closedWith).toBe(4401);
    const second = connect();
    become(undefined);
    clock.advance(200);
    expect(second.closedWith).toBe(4401);
    hub.stop();
  });

  it('feels a changed grant at once', async () => {
    const { hub, bus, clock, connect, become, raise } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['latest', 'alerts'] });
    become(inWest());
    clock.advance(200);
    bus.emit('latest.changed', [value('a', 1, { areaId: 'east' })]);
    raise(1, 'east');
    raise(2, 'west');
    clock.advance(200);
    await settle();
    expect(latestOf(socket)).toEqual([]);
    expect(socket.alertSeqs()).toEqual([2]);
    hub.stop();
  });

  it('hears a beat every second of silence', async () => {
    const { hub, clock, connect } = await setUp();
    await hub.start();
    const socket = connect();
    clock.advance(10_000);
    expect(socket.of('beat').length).toBeGreaterThanOrEqual(8);
    expect(socket.of('beat').length).toBeLessThanOrEqual(10);
    hub.stop();
  });
});

describe('alerts', () => {
  it('come in the order of the history though they are announced out of order, also over holes', async () => {
    const { hub, bus, connect, rows, clock } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['alerts'] });
    rows.push(change(1), change(2), change(5), change(6));
    for (const seq of [2, 1, 6, 5]) bus.emit('alert.changed', change(seq));
    await settle();
    clock.advance(200);
    await settle();
    expect(socket.alertSeqs()).toEqual([1, 2, 5, 6]);
    hub.stop();
  });

  it('arrive even when nobody announced them', async () => {
    const { hub, connect, rows, clock } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['alerts'] });
    rows.push(change(1));
    clock.advance(5000);
    await settle();
    expect(socket.alertSeqs()).toEqual([1]);
    hub.stop();
  });

  it('that a slow reader missed come from the history when it reads again', async () => {
    const { hub, clock, connect, raise } = await setUp();
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['alerts'] });
    raise(1);
    socket.reading = false;
    socket.bufferedAmount = 300_000;
    for (let seq = 2; seq <= 700; seq++) raise(seq);
    clock.advance(200);
    await settle();
    expect(socket.alertSeqs()).toEqual([1]);
    socket.reading = true;
    socket.bufferedAmount = 0;
    clock.advance(200);
    await settle();
    raise(701);
    await settle();
    expect(socket.alertSeqs()).toEqual(Array.from({ length: 701 }, (_, i) => i + 1));
    hub.stop();
  });

  it('are reset, not silently skipped, when the client knows more than the history or far less', async () => {
    const { hub, connect, rows, raise, clock } = await setUp();
    for (let seq = 1; seq <= 12_000; seq++) rows.push(change(seq));
    await hub.start();
    const [ahead, far, near] = [connect(), connect(), connect()];
    ahead.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 12_001 });
    far.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 1 });
    near.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 11_000 });
    await settle();
    clock.advance(200);
    await settle();
    raise(12_001);
    await settle();
    for (const socket of [ahead, far]) {
      expect(socket.of('reset')).toEqual([{ type: 'reset', topic: 'alerts', seq: 12_000 }]);
      expect(socket.alertSeqs()).toEqual([12_001]);
    }
    expect(near.of('reset')).toEqual([]);
    expect(near.alertSeqs()).toEqual(Array.from({ length: 1001 }, (_, i) => 11_001 + i));
    hub.stop();
  });

  it('are tried again when the history cannot be read for a while', async () => {
    const store = history();
    let down = true;
    const source: AlertSource = {
      ...store.source,
      async eventsSince(...args) {
        if (down) throw new Error('no database');
        return store.source.eventsSince(...args);
      },
    };
    const { hub, clock, connect, bus } = await setUp({ source });
    store.rows.push(change(1));
    await hub.start();
    const [resuming, live] = [connect(), connect()];
    resuming.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 0 });
    live.ask({ type: 'subscribe', topics: ['alerts'] });
    store.rows.push(change(2), change(4));
    bus.emit('alert.changed', change(4));
    await settle();
    down = false;
    clock.advance(1200);
    await settle();
    expect(resuming.alertSeqs()).toEqual([1, 2, 4]);
    expect(live.alertSeqs()).toEqual([2, 4]);
    hub.stop();
  });

  it('are sent from where the client last asked, though an answer to an earlier question is still under way', async () => {
    const store = history();
    const waiting: (() => void)[] = [];
    const source: AlertSource = {
      ...store.source,
      async eventsSince(...args) {
        const rows = await store.source.eventsSince(...args);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return rows;
      },
    };
    const { hub, connect } = await setUp({ source });
    for (let seq = 1; seq <= 4; seq++) store.rows.push(change(seq));
    await hub.start();
    const socket = connect();
    socket.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 2 });
    await settle();
    socket.ask({ type: 'subscribe', topics: ['latest'] });
    socket.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: 0 });
    for (let n = 0; n < 5; n++) {
      for (const resolve of waiting.splice(0)) resolve();
      await settle();
    }
    expect(socket.alertSeqs()).toEqual([1, 2, 3, 4]);
    hub.stop();
  });

  it('reach a client exactly once each, however commits, announcements, reads, stalls and reconnects interleave', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('commit' as const), west: fc.boolean(), hole: fc.nat(2) }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('announce' as const), pick: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('stall' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('look elsewhere' as const) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 120 }), async (scheduler, steps) => {
        const store = history();
        const source: AlertSource = {
          // The query sees the rows of the moment it runs; its answer arrives later.
          eventsSince: scheduler.scheduleFunction(store.source.eventsSince),
          lastSeq: scheduler.scheduleFunction(store.source.lastSeq),
        };
        const { hub, bus, clock, connect } = await setUp({ caller: inWest(), source });
        const started = hub.start();
        await scheduler.waitFor(started);
        let seq = 0;
        const unannounced: AlertChange[] = [];
        const received: number[] = [];
        let socket = connect();
        const subscribe = () =>
          socket.ask({ type: 'subscribe', topics: ['alerts'], resumeFrom: received.at(-1) ?? 0 });
        const collect = () => {
          received.push(...socket.alertSeqs());
          expect(socket.of('reset')).toEqual([]);
          socket.frames = [];
        };
        subscribe();
        const turn = async () => {
          if (scheduler.count() > 0) await scheduler.waitOne();
          await Promise.resolve();
        };
        const reconnect = () => {
          collect();
          socket.close(1006);
          socket = connect();
          subscribe();
        };
        for (const what of steps) {
          if (what.do === 'commit') {
            seq += 1 + what.hole;
            const row = change(seq, what.west ? 'west' : 'east');
            store.rows.push(row);
            unannounced.push(row);
          } else if (what.do === 'announce') {
            const [row] = unannounced.splice(what.pick % (unannounced.length || 1), 1);
            if (row) bus.emit('alert.changed', row);
          } else if (what.do === 'reconnect') reconnect();
          else if (what.do === 'stall') socket.bufferedAmount = 300_000;
          else if (what.do === 'read') socket.bufferedAmount = 0;
          else if (what.do === 'look elsewhere') {
            collect();
            socket.ask({ type: 'subscribe', topics: ['latest'] });
            subscribe();
          } else if (what.do === 'tick') clock.advance(200);
          else await turn();
        }
        socket.bufferedAmount = 0;
        for (const row of unannounced) bus.emit('alert.changed', row);
        for (let n = 0; n < 60; n++) {
          clock.advance(500);
          while (scheduler.count() > 0) await turn();
          await settleMicrotasks();
        }
        collect();
        if (socket.closedWith === undefined)
          expect(received).toEqual(
            store.rows.filter((row) => row.alert.areaId === 'west').map((row) => row.seq),
          );
        hub.stop();
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});

async function settleMicrotasks() {
  for (let n = 0; n < 30; n++) await Promise.resolve();
}
