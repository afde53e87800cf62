import { describe, expect, it } from 'vitest';
import { manualClock, seededRandom } from '../../core/clock.ts';
import { createLive, type LiveEventFrame, type Socket } from './live.ts';

/** A server end in the hand of the test. */
class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function rig() {
  const clock = manualClock(0);
  const sockets: FakeSocket[] = [];
  const links: [string, number][] = [];
  const events: LiveEventFrame[] = [];
  const state = { reachable: true, refuse: false, seq: 0, resets: 0 };
  const live = createLive({
    clock,
    random: seededRandom(1),
    topics: ['alerts', 'latest'],
    open: async () => {
      if (state.refuse) throw new Error('refused');
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    // An unreachable server answers nothing: the ping gives up after its time.
    ping: (timeoutMs) =>
      state.reachable
        ? Promise.resolve(true)
        : new Promise((resolve) => clock.after(timeoutMs, () => resolve(false))),
    resumeFrom: () => state.seq,
    bbox: () => null,
    onHello: () => undefined,
    onEvent: (frame) => events.push(frame),
    onReset: () => {
      state.resets++;
    },
    onLink: (link) => links.push([link, clock.now()]),
    onHeard: () => undefined,
  });
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await settled();
    }
  };
  const socket = () => {
    const last = sockets.at(-1);
    if (!last) throw new Error('no socket');
    return last;
  };
  return { live, clock, sockets, socket, links, events, state, advance };
}

const HELLO = { type: 'hello', serverStartId: 's1', seq: 4 };

describe('the live socket', () => {
  it('subscribes after the hello and resumes from the last sequence seen', async () => {
    const { live, socket, links, state, events } = rig();
    state.seq = 41;
    live.start();
    await settled();
    socket().say(HELLO);
    expect(socket().sent).toEqual([{ type: 'subscribe', topics: ['alerts', 'latest'], resumeFrom: 41 }]);
    expect(links.map(([link]) => link)).toEqual(['connecting', 'live']);
    socket().say({ type: 'event', topic: 'alerts', event: 'alert.changed', seq: 42, data: {} });
    socket().say({ type: 'event', topic: 'nonsense', event: 'x', seq: 43, data: {} });
    expect(events.map(({ seq }) => seq)).toEqual([42]);
    live.stop();
  });

  it('reads anew what cannot be resumed, and takes a beat for a sign of life', async () => {
    const { live, socket, links, state, advance } = rig();
    live.start();
    await settled();
    socket().say(HELLO);
    socket().say({ type: 'reset', topic: 'alerts', seq: 9 });
    expect(state.resets).toBe(1);
    // Not one ping is needed while the beats come.
    state.reachable = false;
    for (let n = 0; n < 10; n++) {
      await advance(1000);
      socket().say({ type: 'beat', seq: 9 });
    }
    expect(links.at(-1)?.[0]).toBe('live');
    live.stop();
  });

  it('shows a silent loss within three seconds', async () => {
    const { live, socket, links, state, clock, advance } = rig();
    live.start();
    await settled();
    socket().say(HELLO);
    state.reachable = false;
    const lostMs = clock.now();
    await advance(4000);
    const offline = links.find(([link]) => link === 'offline');
    expect(offline?.[1]).toBeLessThanOrEqual(lostMs + 3000);
    live.stop();
  });

  it('takes silence for peace while the server answers', async () => {
    const { live, socket, links, advance } = rig();
    live.start();
    await settled();
    socket().say(HELLO);
    await advance(60_000);
    expect(links.map(([link]) => link)).toEqual(['connecting', 'live']);
    live.stop();
  });

  it('comes back by itself with growing pauses, and quickly again after a good spell', async () => {
    const { live, socket, sockets, links, state, advance } = rig();
    live.start();
    await settled();
    socket().say(HELLO);
    state.refuse = true;
    socket().onclose?.({ code: 1006 });
    const lost = links.filter(([link]) => link === 'offline').length;
    await advance(120_000);
    const tries = links.filter(([link]) => link === 'offline').length - lost;
    // Ceilings 0.5, 1, 2, 4, 8, 15, 15 … s with full jitter: more than one a minute, far fewer than one a second.
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(40);
    state.refuse = false;
    await advance(16_000);
    expect(sockets).toHaveLength(2);
    socket().say(HELLO);
    expect(links.at(-1)?.[0]).toBe('live');
    const before = sockets.length;
    socket().onclose?.({ code: 1006 });
    await advance(1000);
    expect(sockets.length).toBe(before + 1);
    live.stop();
  });

  it('ignores what an abandoned socket still says, and stays stopped', async () => {
    const { live, socket, sockets, events, advance } = rig();
    live.start();
    await settled();
    const old = socket();
    old.say(HELLO);
    old.onclose?.({ code: 1006 });
    old.say({ type: 'event', topic: 'alerts', event: 'alert.changed', seq: 1, data: {} });
    expect(events).toEqual([]);
    live.stop();
    await advance(30_000);
    expect(sockets).toHaveLength(1);
  });

  it('tries at once when asked to', async () => {
    const { live, sockets, state } = rig();
    state.refuse = true;
    live.start();
    await settled();
    state.refuse = false;
    live.retry();
    await settled();
    expect(sockets).toHaveLength(1);
    live.stop();
  });
});
