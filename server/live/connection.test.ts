import { describe, expect, it } from 'vitest';
import type { EventMap } from '../../core/events.ts';
import { anywhere, inWest, latestOf, settle, setUp, value } from '../../test/support/live.ts';

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
    const whose = { agencyId: null, class: 'internal' } as const;
    bus.emit('latest.changed', [
      value('own', 1),
      value('foreign', 1, { areaId: 'east' }),
      value('nowhere', 1, { areaId: null }),
      value('far', 1, { position: [110, 10] }),
      value('unplaced', 1, { position: null }),
    ]);
    const move = {
      ...whose,
      timeMs: 1,
      lon: 105,
      lat: 10,
      speedKmh: null,
      headingDeg: null,
      accuracyM: null,
    };
    bus.emit('unit.moved', [
      { ...move, unitId: 'own', areaId: 'west' },
      { ...move, unitId: 'foreign', areaId: 'east' },
      { ...move, unitId: 'far', areaId: 'west', lon: 110 },
    ]);
    bus.emit('system.changed', { internal: {}, restricted: {} } as EventMap['system.changed']);
    bus.emit('camera.changed', {
      ...whose,
      id: 'c',
      areaId: 'west',
      domain: null,
    } as EventMap['camera.changed']);
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
    bus.emit('system.changed', { internal: {}, restricted: {} } as EventMap['system.changed']);
    clock.advance(200);
    expect(socket.of('event')).toEqual([]);
    become(anywhere);
    clock.advance(200);
    bus.emit('system.changed', { internal: {}, restricted: {} } as EventMap['system.changed']);
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
    const camera = { id: 'c', areaId: null, domain: null, agencyId: null, class: 'internal' };
    bus.emit('camera.changed', camera as EventMap['camera.changed']);
    clock.advance(200);
    expect(socket.of('event').map((frame) => [frame.event, frame.data])).toEqual([
      ['camera.changed', camera],
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
