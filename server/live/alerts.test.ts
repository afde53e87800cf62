import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { change, history, inWest, settle, setUp } from '../../test/support/live.ts';
import type { AlertChange, AlertSource } from './alert-tail.ts';

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
