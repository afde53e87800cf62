import type { Clock, Random } from '../core/clock.ts';
import { createGate } from '../core/gate.ts';
import type { CameraDirectory, CameraRecord, CameraSecrets } from './cameras.ts';
import { asFailure } from './failure.ts';
import type { Inputs } from './inputs.ts';
import { type HealthEvent, type HealthMemory, observe, unknownHealth, type Verdict } from './probe/health.ts';
import type { DialPorts } from './relay/camera-connection.ts';
import { describeCamera } from './relay/describe.ts';
import type { DialGates } from './sessions/dial-gate.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Snapshots } from './snapshots/snapshots.ts';
import type { SourceRegistry } from './source-kind.ts';

export interface SupervisorPorts {
  clock: Clock;
  random: Random;
  cameras: CameraDirectory;
  secrets: CameraSecrets;
  sources: SourceRegistry;
  inputs: Pick<Inputs, 'learnt' | 'forget'>;
  dial: DialPorts;
  gates: DialGates;
  sessions: Pick<Sessions, 'list'>;
  snapshots: Pick<Snapshots, 'refresh' | 'forget'>;
  probeIntervalMs: number;
  frameIntervalMs: number;
  onHealth(cameraId: string, verdict: Verdict): void;
}

export interface Supervisor {
  /** Watches the cameras of the directory; the first look at them is spread over one interval. */
  start(): void;
  stop(): void;
  /**
   * One camera, or all, may have changed. Says which really did: their streams are for the caller to end.
   * `renewed` = its credential did, which the directory does not show.
   */
  refresh(cameraId?: string, renewed?: boolean): string[];
  /** What others saw: sessions, snapshots. */
  observe(cameraId: string, event: HealthEvent): void;
  /** A stream that somebody watches gave its first picture. */
  pictureOfStream(cameraId: string): void;
  verdict(cameraId: string): Verdict | undefined;
}

interface Watched {
  fingerprint: string;
  enabled: boolean;
  memory: HealthMemory;
  /** What was last told outside. */
  told: Verdict | undefined;
  cancel: () => void;
}

const AT_ONCE = 4;
/** The second look after the first failure of a good camera. */
const CONFIRM_MS = 2000;
/** A frame time in the database is at most this old while the camera is well. */
const TELL_FRAME_MS = 60_000;
/** All cameras are seen within this time of a start, however long the interval. */
const FIRST_LOOK_MS = 20_000;

/** Looks after the health of every camera, watched or not. */
export function createSupervisor(ports: SupervisorPorts): Supervisor {
  const { clock, random } = ports;
  const watched = new Map<string, Watched>();
  const looks = createGate(AT_ONCE, Number.POSITIVE_INFINITY);
  let running = false;

  function schedule(id: string, item: Watched, ms: number): void {
    item.cancel();
    item.cancel = clock.after(ms, () => void look(id, item));
  }

  async function look(id: string, item: Watched): Promise<void> {
    const isWanted = () => running && watched.get(id) === item;
    await looks
      .run(async () => {
        if (isWanted()) await lookNow(id, item);
      })
      .finally(() => {
        if (isWanted()) schedule(id, item, nextMs(id, item));
      });
  }

  /** Pauses differ by a fifth, so that cameras do not fall into step. */
  function nextMs(id: string, item: Watched): number {
    const spread = 0.9 + random.next() / 5;
    const gateMs = ports.gates.waitMs(id);
    if (item.memory.failures === 1 && item.memory.verdict.state === 'degraded')
      return Math.max(gateMs, CONFIRM_MS);
    if (item.memory.failures > 0 && gateMs > 0) return gateMs + 50;
    return ports.probeIntervalMs * spread;
  }

  async function lookNow(id: string, item: Watched): Promise<void> {
    const live = ports.sessions.list().find((session) => session.cameraId === id);
    if (live && live.phase !== 'idle') {
      // Somebody watches: the stream itself tells more than a second connection would.
      const at = live.lastFrameAtMs;
      if (live.phase !== 'ready' || at === undefined || clock.now() - at > 5000) return;
      see(id, { type: 'picture' });
      // Kept for the day the camera dies: taken from the stream, so it costs the camera nothing.
      await ports.snapshots.refresh(id).catch(() => {});
      return;
    }
    if (ports.gates.waitMs(id) > 0) return;
    const { verdict, failures } = item.memory;
    const frameAgeMs = clock.now() - (verdict.lastFrameAtMs ?? Number.NEGATIVE_INFINITY);
    if (failures > 0 || verdict.state === 'unknown' || frameAgeMs >= ports.frameIntervalMs) {
      // Tells its outcome through `observe`; a failure is the camera's, not ours.
      await ports.snapshots.refresh(id).catch((error) => {
        const { code } = asFailure(error);
        if (code === 'invalid_source') see(id, { type: 'failed', code });
      });
      return;
    }
    await describe(id);
  }

  async function describe(id: string): Promise<void> {
    const camera = ports.cameras.byId(id);
    if (!camera) return;
    try {
      const input = ports.sources.read(camera.source);
      // A file or a drawing cannot be away without its picture being away.
      if (input.reach.by !== 'relay') return;
      const credential = await ports.secrets(id);
      const { codec } = await describeCamera({ url: input.reach.url, credential }, ports.dial);
      ports.inputs.learnt(id, codec);
      see(id, { type: 'answered', codec });
    } catch (error) {
      const { code } = asFailure(error);
      ports.gates.failed(id, code);
      see(id, { type: 'failed', code });
    }
  }

  function see(id: string, event: HealthEvent): void {
    const item = watched.get(id);
    if (!item) return;
    const before = item.memory;
    item.memory = observe(before, event, clock.now());
    tell(id, item);
    // A good camera that broke is looked at again soon, not at the next round.
    if (running && before.failures === 0 && item.memory.failures === 1) schedule(id, item, nextMs(id, item));
  }

  function tell(id: string, item: Watched): void {
    const { verdict } = item.memory;
    const { told } = item;
    const sameState = told !== undefined && told.state === verdict.state && told.reason === verdict.reason;
    const frameNews = (verdict.lastFrameAtMs ?? 0) - (told?.lastFrameAtMs ?? 0) >= TELL_FRAME_MS;
    if (sameState && !frameNews) return;
    item.told = verdict;
    ports.onHealth(id, verdict);
  }

  function add(camera: CameraRecord, fingerprint: string, firstLookMs: number): void {
    const item: Watched = {
      fingerprint,
      enabled: camera.enabled,
      memory: unknownHealth(clock.now()),
      told: undefined,
      cancel: () => {},
    };
    watched.set(camera.id, item);
    if (running && camera.enabled) schedule(camera.id, item, firstLookMs);
  }

  function drop(id: string): void {
    watched.get(id)?.cancel();
    watched.delete(id);
    ports.gates.forget(id);
    ports.inputs.forget(id);
    ports.snapshots.forget(id);
  }

  /** Brings one camera in line with the directory; true when it is new, changed or gone. */
  function reconcile(id: string, firstLookMs: number): boolean {
    const camera = ports.cameras.byId(id);
    const known = watched.get(id);
    const fingerprint = camera ? JSON.stringify([camera.enabled, camera.source]) : undefined;
    if (known && known.fingerprint === fingerprint) return false;
    if (known) drop(id);
    if (camera && fingerprint !== undefined) add(camera, fingerprint, firstLookMs);
    return known !== undefined || camera !== undefined;
  }

  return {
    pictureOfStream(id) {
      const item = watched.get(id);
      see(id, { type: 'picture' });
      if (running && item) schedule(id, item, 0);
    },
    start() {
      if (running) return;
      running = true;
      const span = Math.min(FIRST_LOOK_MS, ports.probeIntervalMs);
      for (const camera of ports.cameras.all()) reconcile(camera.id, 0);
      let place = 0;
      for (const [id, item] of watched)
        if (item.enabled) schedule(id, item, (span * (place++ + random.next())) / watched.size);
    },
    stop() {
      running = false;
      for (const item of watched.values()) item.cancel();
    },
    refresh(cameraId, renewed = false) {
      if (cameraId !== undefined) {
        if (renewed) drop(cameraId);
        return reconcile(cameraId, 0) ? [cameraId] : [];
      }
      const ids = new Set([...watched.keys(), ...[...ports.cameras.all()].map((camera) => camera.id)]);
      return [...ids].filter((id) => reconcile(id, random.next() * 1000));
    },
    observe: see,
    verdict: (id) => watched.get(id)?.memory.verdict,
  };
}
