import { afterEach, describe, expect, it } from 'vitest';
import {
  decodeFlv,
  type MediaBench,
  mediaChildren,
  noFfmpeg,
  processList,
  startMediaBench,
} from '../support/media.ts';
import { noRtspCamera, type RtspCamera, startRtspCamera } from '../support/rtsp-camera.ts';
import { until } from '../support/wait.ts';

const missing = noFfmpeg ?? noRtspCamera;
const PASSWORD = 'Bí-mật"42\\ok';
/** So much is more than twenty pictures of the test camera. */
const PLENTY = 40_000;

let bench: MediaBench;
let camera: RtspCamera;

afterEach(async () => {
  await bench?.stop();
  await camera?.kill();
});

const rtsp = (url: string, id = 'cam-1') => ({
  id,
  name: 'Cầu Cảng',
  enabled: true,
  source: { kind: 'rtsp', url },
});
const lastVerdict = () => bench.verdicts.at(-1)?.verdict;

describe.skipIf(missing !== undefined)(`a real RTSP camera${missing ? ` (skipped: ${missing})` : ''}`, () => {
  for (const auth of ['none', 'basic', 'digest'] as const)
    it(`plays to the browser’s socket, sign-in ${auth}, four slices per picture`, async () => {
      camera = await startRtspCamera({ auth, user: 'viewer', password: PASSWORD });
      bench = await startMediaBench({ probeIntervalMs: 600_000 }, [rtsp(camera.url)]);
      if (auth !== 'none') bench.secrets.set('cam-1', { username: 'viewer', password: PASSWORD });

      const watching = bench.watch('cam-1', (bytes) => bytes > PLENTY);
      // While it runs, the password is nowhere to be seen.
      await until('FFmpeg', () => mediaChildren().length > 0);
      for (const { pid, command, environment } of processList())
        if (pid !== process.pid && pid !== camera.pid)
          expect(`${command} ${environment}`).not.toContain(PASSWORD);

      const { flv } = await watching;
      const { frames, complaints } = await decodeFlv(flv);
      expect(complaints).toBe('');
      expect(frames).toBeGreaterThanOrEqual(20);
      expect(bench.log()).not.toContain(PASSWORD);
    });

  it('is dialled once for many viewers and a snapshot, and not at all when nobody watches', async () => {
    camera = await startRtspCamera();
    bench = await startMediaBench({ drainMs: 300, probeIntervalMs: 600_000 }, [rtsp(camera.url)]);
    await until('the first look', () => lastVerdict()?.state === 'online');
    const before = camera.connections().total;

    const sockets = Array.from({ length: 5 }, () => bench.open('cam-1'));
    const bytes = sockets.map(() => 0);
    for (const [i, socket] of sockets.entries())
      socket.on('message', (data: Buffer) => {
        bytes[i] = (bytes[i] ?? 0) + data.length;
      });
    await until('pictures for all', () => bytes.every((count) => count > 8000));
    const snapshot = await bench.plane.snapshot('cam-1', { width: 320, maxAgeMs: 0 });
    expect([snapshot.width, snapshot.height, snapshot.staleReason]).toEqual([320, 180, undefined]);
    expect(bench.plane.status().sessions).toMatchObject([{ cameraId: 'cam-1', phase: 'ready', viewers: 5 }]);
    await until('figures', () => (bench.plane.status().sessions[0]?.kbps ?? 0) > 20);
    expect(camera.connections().total - before).toBe(1);
    expect(mediaChildren()).toHaveLength(1);

    for (const socket of sockets) socket.close();
    await until('rest', () => bench.plane.status().sessions.length === 0);
    await until('the camera is left alone', () => camera.connections().open === 0);
    expect(mediaChildren()).toHaveLength(0);
  });

  it('that dies is told to the viewer, shown as down with its last frame, and comes back by itself', async () => {
    camera = await startRtspCamera();
    const { port, url } = camera;
    bench = await startMediaBench(
      { holdMs: 2500, retryMinMs: 500, retryMaxMs: 1000, probeIntervalMs: 1000 },
      [rtsp(url)],
    );
    const socket = bench.open('cam-1');
    let bytes = 0;
    socket.on('message', (data: Buffer) => {
      bytes += data.length;
    });
    const closed = new Promise<[number, string]>((resolve) =>
      socket.on('close', (code, reason) => resolve([code, reason.toString()])),
    );
    await until('pictures', () => bytes > PLENTY);

    await camera.kill();
    const diedAt = Date.now();
    await until('noticed', () => lastVerdict()?.state === 'degraded', 5000);
    expect(Date.now() - diedAt).toBeLessThan(5000);
    expect(await closed).toEqual([4503, 'unreachable']);
    const down = await until('offline', () => lastVerdict()?.state === 'offline' && lastVerdict());
    expect(down.reason).toBe('unreachable');
    expect(Math.abs((down.lastFrameAtMs ?? 0) - diedAt)).toBeLessThan(2000);
    // The last picture is still there, and says how old it is.
    const old = await bench.plane.snapshot('cam-1', { width: 'orig', maxAgeMs: 0 });
    expect(old.staleReason).toBe('unreachable');
    expect(old.ageMs).toBeGreaterThan(0);

    camera = await startRtspCamera({ port });
    await until('back', () => lastVerdict()?.state === 'online');
    const { frames } = await decodeFlv((await bench.watch('cam-1', (count) => count > PLENTY)).flv);
    expect(frames).toBeGreaterThanOrEqual(20);
  });

  it('that restarts quickly goes on in the same socket, in one timeline', async () => {
    camera = await startRtspCamera();
    const { port, url } = camera;
    bench = await startMediaBench({ holdMs: 15_000, retryMinMs: 300, probeIntervalMs: 600_000 }, [rtsp(url)]);
    let half = 0;
    const watching = bench.watch('cam-1', (bytes) => {
      half = bytes;
      return bytes > 2.5 * PLENTY;
    });
    await until('pictures', () => half > PLENTY);
    await camera.kill();
    camera = await startRtspCamera({ port });
    const { flv } = await watching;
    const { frames, complaints } = await decodeFlv(flv);
    expect(frames).toBeGreaterThanOrEqual(40);
    expect(complaints).toBe('');
  });

  it('that freezes with its connection open is noticed within five seconds', async () => {
    camera = await startRtspCamera();
    bench = await startMediaBench({ holdMs: 5000, probeIntervalMs: 600_000 }, [rtsp(camera.url)]);
    let bytes = 0;
    const watching = bench.watch('cam-1', (count) => {
      bytes = count;
      return false;
    });
    await until('pictures', () => bytes > PLENTY);
    camera.freeze(true);
    const frozenAt = performance.now();
    await until('noticed', () => lastVerdict()?.reason === 'no_frames', 5000);
    expect(performance.now() - frozenAt).toBeLessThan(5000);
    expect((await watching).closeCode).toBe(4503);
    camera.freeze(false);
  });

  it('with a wrong password is tried a few times and left alone, and the password is in no log', async () => {
    camera = await startRtspCamera({ auth: 'digest', user: 'viewer', password: 'right' });
    bench = await startMediaBench({ retryMinMs: 200, retryMaxMs: 400, holdMs: 6000, probeIntervalMs: 1000 }, [
      rtsp(camera.url),
    ]);
    bench.secrets.set('cam-1', { username: 'viewer', password: PASSWORD });
    const { closeCode, closeReason, flv } = await bench.watch('cam-1', () => false);
    expect([closeCode, closeReason, flv.length]).toEqual([4503, 'auth_failed', 0]);
    expect(lastVerdict()).toMatchObject({ state: 'auth_failed', reason: 'auth_failed' });
    expect(camera.connections().total).toBeLessThanOrEqual(3);
    await expect(bench.plane.snapshot('cam-1', { width: 'orig', maxAgeMs: 0 })).rejects.toMatchObject({
      code: 'camera.auth_failed',
    });
    expect(camera.connections().total).toBeLessThanOrEqual(3);
    expect(bench.log()).not.toContain(PASSWORD);

    // The operator stores the right one.
    bench.secrets.set('cam-1', { username: 'viewer', password: 'right' });
    bench.plane.refresh('cam-1');
    await until('online', () => lastVerdict()?.state === 'online');
  });

  it('that sends H.265 is re-encoded, because browsers and FLV want H.264', async () => {
    camera = await startRtspCamera({ codec: 'h265' });
    bench = await startMediaBench({ probeIntervalMs: 600_000, startMs: 20_000, holdMs: 20_000 }, [
      rtsp(camera.url),
    ]);
    const { flv } = await bench.watch('cam-1', (bytes) => bytes > PLENTY);
    const { frames } = await decodeFlv(flv);
    expect(frames).toBeGreaterThanOrEqual(10);
    expect(mediaChildren().every(({ command }) => !command.includes('-c:v copy'))).toBe(true);
  });

  it('can be tried out before it is stored', async () => {
    camera = await startRtspCamera({ auth: 'basic', user: 'viewer', password: 'right' });
    bench = await startMediaBench();
    const source = { kind: 'rtsp', url: camera.url };
    const good = await bench.plane.probe({ source, credential: { username: 'viewer', password: 'right' } });
    expect(good.verdict).toMatchObject({ state: 'online', codec: 'h264', width: 640, height: 360 });
    expect(good.picture?.width).toBe(640);
    const bad = await bench.plane.probe({ source, credential: { username: 'viewer', password: 'no' } });
    expect(bad.verdict.state).toBe('auth_failed');
    const none = await bench.plane.probe({ source: { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/x' } });
    expect(none.verdict).toMatchObject({ state: 'offline', reason: 'unreachable' });
  });
});
