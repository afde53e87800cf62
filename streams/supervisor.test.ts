import { describe, expect, it } from 'vitest';
import { manualClock, seededRandom } from '../core/clock.ts';
import type { CameraRecord } from './cameras.ts';
import { type FailureCode, MediaFailure } from './failure.ts';
import type { Verdict } from './probe/health.ts';
import { createAddressPolicy } from './relay/address-policy.ts';
import { createDialGates } from './sessions/dial-gate.ts';
import type { SessionView } from './sessions/session.ts';
import { loadSources } from './source-kind.ts';
import { createSupervisor } from './supervisor.ts';

const sources = await loadSources();
/** Lets promises that are due settle; no time passes. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function bench(count = 1) {
  const clock = manualClock(1_000_000);
  const random = seededRandom(3);
  const cameras = new Map<string, CameraRecord>();
  for (let i = 0; i < count; i++)
    cameras.set(`c${i}`, { id: `c${i}`, name: `C${i}`, enabled: true, source: { kind: 'test-pattern' } });
  const grabs: { id: string; at: number }[] = [];
  const told: { id: string; verdict: Verdict }[] = [];
  const sessions: SessionView[] = [];
  let outcome: FailureCode | undefined;
  const gates = createDialGates({
    monotonic: () => clock.monotonic(),
    random: { next: () => 0 },
    limits: { retryMinMs: 5000, retryMaxMs: 60_000 },
  });
  const supervisor = createSupervisor({
    clock,
    random,
    cameras: { byId: (id) => cameras.get(id), all: () => cameras.values() },
    secrets: async () => undefined,
    sources,
    inputs: { learnt: () => {}, forget: () => {} },
    dial: {
      clock,
      policy: createAddressPolicy([]),
      lookup: async () => [],
      answerMs: 1000,
      maxBytesPerS: 1e6,
    },
    gates,
    sessions: { list: () => sessions },
    snapshots: {
      // As the real one does: tells what it saw and keeps the gate.
      async refresh(id) {
        grabs.push({ id, at: clock.monotonic() });
        if (outcome === undefined) {
          gates.succeeded(id);
          supervisor.observe(id, { type: 'picture' });
          return;
        }
        gates.failed(id, outcome);
        supervisor.observe(id, { type: 'failed', code: outcome });
        throw new MediaFailure(outcome, 'test');
      },
      forget: () => {},
    },
    probeIntervalMs: 30_000,
    frameIntervalMs: 300_000,
    onHealth: (id, verdict) => told.push({ id, verdict }),
  });
  return {
    clock,
    cameras,
    grabs,
    told,
    sessions,
    supervisor,
    fail: (code: FailureCode | undefined) => {
      outcome = code;
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 250) {
        clock.advance(Math.min(250, left));
        await settle();
      }
    },
  };
}

describe('the supervisor of cameras', () => {
  it('looks at forty cameras within twenty seconds of its start, not all at once', async () => {
    const b = bench(40);
    b.supervisor.start();
    await b.pass(21_000);
    expect(new Set(b.grabs.map(({ id }) => id)).size).toBe(40);
    const perSecond = new Map<number, number>();
    for (const { at } of b.grabs)
      perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(6);
    expect(b.told.every(({ verdict }) => verdict.state === 'online')).toBe(true);
    b.supervisor.stop();
    await b.pass(600_000);
    expect(b.grabs).toHaveLength(40);
  });

  it('asks a healthy camera for a picture every five minutes and tells of it', async () => {
    const b = bench();
    b.supervisor.start();
    await b.pass(3_600_000);
    expect(b.grabs.length).toBeGreaterThanOrEqual(11);
    expect(b.grabs.length).toBeLessThanOrEqual(13);
    expect(b.told).toHaveLength(b.grabs.length);
  });

  it('looks again soon after a first failure, then keeps to the gate, and finds the camera back within a minute', async () => {
    const b = bench();
    b.supervisor.start();
    await b.pass(30_000);
    b.grabs.length = 0;
    b.fail('unreachable');
    b.supervisor.observe('c0', { type: 'failed', code: 'no_frames' });
    await b.pass(2500);
    expect(b.told.map(({ verdict }) => verdict.state)).toEqual(['online', 'degraded', 'offline']);
    await b.pass(600_000);
    const pauses = b.grabs.slice(1).map(({ at }, i) => at - (b.grabs[i]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(61_000);
    expect(b.grabs.length).toBeLessThan(20);
    b.fail(undefined);
    await b.pass(61_000);
    expect(b.told.at(-1)?.verdict).toMatchObject({ state: 'online', reason: null });
  });

  it('knocks three times with a wrong password and then no more than once a minute', async () => {
    const b = bench();
    b.fail('auth_failed');
    b.supervisor.start();
    await b.pass(45_000);
    expect(b.grabs.length).toBeLessThanOrEqual(3);
    await b.pass(600_000);
    expect(b.grabs.length).toBeLessThanOrEqual(7);
    expect(b.told.map(({ verdict }) => verdict.state)).toEqual(['auth_failed']);
  });

  it('does not dial a camera that somebody watches, but keeps its picture fresh', async () => {
    const b = bench();
    b.supervisor.start();
    await b.pass(30_000);
    b.grabs.length = 0;
    const view: SessionView = {
      cameraId: 'c0',
      phase: 'starting',
      viewers: 1,
      fps: 12,
      kbps: 500,
      lastFrameAtMs: undefined,
      lastFailure: undefined,
    };
    b.sessions.push(view);
    await b.pass(120_000);
    expect(b.grabs).toHaveLength(0);
    view.phase = 'ready';
    for (let i = 0; i < 120; i++) {
      view.lastFrameAtMs = b.clock.now();
      await b.pass(1000);
    }
    // From the stream: `refresh` takes it from the running session.
    expect(b.grabs.length).toBeGreaterThanOrEqual(3);
    expect(b.supervisor.verdict('c0')?.state).toBe('online');
  });

  it('sees cameras come, change and go, and minds only what matters to it', async () => {
    const b = bench();
    b.supervisor.start();
    await b.pass(30_000);
    const record = b.cameras.get('c0');
    if (!record) throw new Error('no camera');
    b.cameras.set('c0', { ...record, name: 'Tên mới' });
    expect(b.supervisor.refresh('c0')).toEqual([]);
    expect(b.supervisor.refresh()).toEqual([]);
    expect(b.supervisor.refresh('c0', true)).toEqual(['c0']);
    b.cameras.set('c1', { ...record, id: 'c1' });
    b.cameras.set('c0', { ...record, enabled: false });
    expect(b.supervisor.refresh().sort()).toEqual(['c0', 'c1']);
    b.grabs.length = 0;
    await b.pass(400_000);
    expect(new Set(b.grabs.map(({ id }) => id))).toEqual(new Set(['c1']));
    b.cameras.delete('c1');
    expect(b.supervisor.refresh('c1')).toEqual(['c1']);
    expect(b.supervisor.verdict('c1')).toBeUndefined();
  });
});
