import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FakeRtsp, SDP, startFakeRtsp } from '../support/fake-rtsp.ts';
import {
  decodeFlv,
  type MediaBench,
  mediaChildren,
  noFfmpeg,
  ownChildren,
  processList,
  startMediaBench,
} from '../support/media.ts';
import { until } from '../support/wait.ts';

let bench: MediaBench;
let fake: FakeRtsp | undefined;

afterEach(async () => {
  await bench?.stop();
  await fake?.stop();
  fake = undefined;
});

const scene = (id: string, name = 'road') => ({
  id,
  name: `Đường ${id}`,
  enabled: true,
  source: { kind: 'test-pattern', scene: name },
});
const rtsp = (url: string) => ({ id: 'cam-1', name: 'Cảng', enabled: true, source: { kind: 'rtsp', url } });
/** Health looks would only disturb what these tests count. */
const quiet = { probeIntervalMs: 600_000 };

/** The media server of this bench: the child of this process that runs its entry file. */
function mediaServerPid(): number {
  const found = ownChildren().filter(({ command }) => command.includes('media-server/child.ts'));
  expect(found).toHaveLength(1);
  return found[0]?.pid ?? 0;
}

/** From /proc: the listening sockets among a process's descriptors. Addresses are in hexadecimal there. */
function listeningPorts(pid: number): { port: number; address: string }[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode))
    .map(([, local = '']) => {
      const [address = '', port = ''] = local.split(':');
      return { address, port: Number.parseInt(port, 16) };
    });
}
const LOOPBACK = '0100007F';

/** Helper processes that belong to nobody any more. */
function orphanedHelpers(): { pid: number }[] {
  return processList().filter(({ pid, command }) => {
    if (!/streams\/(media-server\/child|snapshots\/image-child)\.ts/.test(command)) return false;
    try {
      return / 1 /.test(
        readFileSync(`/proc/${pid}/stat`, 'latin1')
          .replace(/^.*\) \w/, '')
          .slice(0, 4),
      );
    } catch {
      return false;
    }
  });
}

describe('without FFmpeg', () => {
  it('cameras are off with a clear health item, and nothing else breaks', async () => {
    bench = await startMediaBench({ ffmpegPath: '/nonexistent/ffmpeg' }, [scene('a')]);
    expect(bench.healthItems).toMatchObject([
      { component: 'media', state: 'down', code: 'camera.media_off' },
    ]);
    expect(() => bench.plane.play('a', { userId: 'u', sessionId: 's' })).toThrow('camera.media_off');
    await expect(bench.plane.snapshot('a', { width: 320, maxAgeMs: 0 })).rejects.toMatchObject({
      code: 'camera.media_off',
    });
    expect(bench.plane.status().ffmpeg).toBeNull();
  });
});

describe.skipIf(noFfmpeg !== undefined)(`the media plane${noFfmpeg ? ` (skipped: ${noFfmpeg})` : ''}`, () => {
  it('plays a drawn scene and a file of the media folder', async () => {
    bench = await startMediaBench({ ...quiet, drainMs: 200 }, [
      scene('a', 'junction'),
      { id: 'f', name: 'Tệp', enabled: true, source: { kind: 'file', path: 'clip.mkv' } },
      { id: 'g', name: 'Tệp', enabled: true, source: { kind: 'file', path: 'clip-mpeg4.avi' } },
      { id: 'x', name: 'Tệp', enabled: true, source: { kind: 'file', path: 'none.mp4' } },
    ]);
    const make = (codec: string, name: string) =>
      execFileSync('ffmpeg', [
        ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=s=320x180:r=15', '-t', '2'],
        ...['-c:v', codec, '-g', '15', '-pix_fmt', 'yuv420p', join(bench.mediaDir, name)],
      ]);
    make('libx264', 'clip.mkv');
    make('mpeg4', 'clip-mpeg4.avi');

    for (const [id, bytes] of [
      ['a', 130_000],
      ['f', 40_000],
      ['g', 40_000],
    ] as const) {
      const { frames, complaints } = await decodeFlv((await bench.watch(id, (n) => n > bytes)).flv);
      expect(complaints, id).toBe('');
      expect(frames, id).toBeGreaterThanOrEqual(12);
    }
    await expect(bench.plane.snapshot('x', { width: 'orig', maxAgeMs: 0 })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    await until('rest', () => bench.plane.status().sessions.length === 0);
    expect(mediaChildren()).toEqual([]);
  });

  it('shows the first picture of a watched camera at once to the next viewer', async () => {
    bench = await startMediaBench(quiet, [scene('a')]);
    const first = bench.open('a');
    await new Promise((resolve) => first.once('message', resolve));
    const { firstByteMs } = await bench.watch('a', (bytes) => bytes > 20_000);
    expect(firstByteMs).toBeLessThan(1500);
    first.close();
  });

  it('knows no ticket twice, no other camera, no other path, and takes tickets and sockets back', async () => {
    bench = await startMediaBench(quiet, [scene('a'), scene('b')]);
    const refused = (path: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${bench.origin}${path}`);
        socket.on('error', (error) => resolve(error.message));
        socket.on('open', () => resolve('open'));
      });
    const user = { userId: 'an', sessionId: 's1' };
    const grant = bench.plane.play('a', user);
    expect(grant.flvUrl).toBe(`/media/a.flv?ticket=${grant.ticket}`);
    expect(await refused(`/media/b.flv?ticket=${grant.ticket}`)).toContain('401');
    expect(await refused(grant.flvUrl)).toContain('401');
    expect(await refused('/media/a.flv')).toContain('401');
    expect(await refused('/media/..%2fa.flv?ticket=x')).not.toBe('open');

    const closed = (socket: WebSocket) =>
      new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
    const mine = bench.open('a', user);
    const elsewhere = bench.open('a', { userId: 'an', sessionId: 's2' });
    const others = bench.open('a', { userId: 'binh', sessionId: 's3' });
    await Promise.all(
      [mine, elsewhere, others].map((socket) => new Promise((resolve) => socket.once('message', resolve))),
    );
    const unused = bench.plane.play('a', user);
    const ends = closed(mine);
    bench.plane.revoke('an', 's1');
    expect(await ends).toBe(4401);
    expect(await refused(unused.flvUrl)).toContain('401');
    expect([elsewhere.readyState, others.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    const endsToo = closed(elsewhere);
    bench.plane.revoke('an');
    expect(await endsToo).toBe(4401);
    expect(others.readyState).toBe(WebSocket.OPEN);

    // A new name is nothing to a stream; being switched off is.
    bench.cameras.set('a', { ...scene('a'), name: 'Tên mới' });
    bench.plane.refresh('a');
    bench.plane.refresh();
    const off = closed(others);
    bench.cameras.set('a', { ...scene('a'), enabled: false });
    bench.plane.refresh();
    expect(await off).toBe(4404);
    expect(() => bench.plane.play('a', user)).toThrow('switched off');
    expect(() => bench.plane.play('nobody', user)).toThrow('no such camera');
  });

  it('closes a viewer that reads nothing, and the others do not notice', async () => {
    bench = await startMediaBench({ ...quiet, viewerLowBytes: 64 * 1024, viewerStuckMs: 1500 }, [
      { id: 'a', name: 'Nhiễu', enabled: true, source: { kind: 'file', path: 'noise.mkv' } },
    ]);
    // Noise does not compress: 20 Mbit/s fill the buffers between here and there in a few seconds.
    execFileSync('ffmpeg', [
      ...[
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=s=640x360:r=15,noise=alls=100:allf=t',
        '-t',
        '2',
      ],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '20M', '-g', '15', '-pix_fmt', 'yuv420p'],
      join(bench.mediaDir, 'noise.mkv'),
    ]);
    const frozen = connect(Number(new URL(bench.origin.replace('ws', 'http')).port), '127.0.0.1');
    frozen.on('error', () => {});
    const { flvUrl } = bench.plane.play('a', { userId: 'u', sessionId: 's' });
    frozen.write(
      `GET ${flvUrl} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    frozen.pause();
    const other = bench.watch('a', () => false);
    await until('two viewers', () => bench.plane.status().viewers === 2);
    await until('the frozen one is gone', () => bench.plane.status().viewers === 1, 60_000);
    frozen.destroy();
    bench.plane.revoke('u');
    const { frames } = await decodeFlv((await other).flv);
    expect(frames).toBeGreaterThan(20);
  }, 90_000);

  it('starts the media server again within two seconds of its death, and viewers go on', async () => {
    bench = await startMediaBench({ ...quiet, holdMs: 15_000 }, [scene('a')]);
    let bytes = 0;
    let killedAt = 0;
    const watching = bench.watch('a', (count) => {
      bytes = count;
      return killedAt > 0 && count > killedAt + 200_000;
    });
    await until('pictures', () => bytes > 30_000);
    killedAt = bytes;
    const before = mediaServerPid();
    process.kill(before, 'SIGKILL');
    const diedAt = performance.now();
    await until('again', () => bench.plane.status().mediaServer.restarts === 1, 5000);
    expect(performance.now() - diedAt).toBeLessThan(2000);
    const { flv, closeCode } = await watching;
    expect(closeCode).not.toBe(4503);
    expect((await decodeFlv(flv)).frames).toBeGreaterThan(20);
    expect(mediaServerPid()).not.toBe(before);
  });

  it('lets nothing reach the media server’s parsers, and outlives what does', async () => {
    bench = await startMediaBench(quiet, [scene('a')]);
    let bytes = 0;
    const watching = bench.watch('a', (count) => {
      bytes = count;
      return count > 1_000_000;
    });
    await until('pictures', () => bytes > 0);
    const pid = mediaServerPid();
    const ports = listeningPorts(pid);
    expect(ports).toHaveLength(2);
    expect(ports.every(({ address }) => address === LOOPBACK)).toBe(true);
    let refusals = 0;
    for (const { port } of ports) {
      const speaksHttp = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) }).then(
        () => true,
        () => false,
      );
      for (const path of speaksHttp ? ['/live/ba$d.flv', '/live/x.flv', '/admin', '/api/v1/streams'] : []) {
        const { status } = await fetch(`http://127.0.0.1:${port}${path}`);
        expect(status).toBe(401);
        refusals++;
        await new Promise<void>((resolve) => {
          // The name that brings an unguarded node-media-server down.
          const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { handshakeTimeout: 3000 });
          socket.on('open', () => expect.unreachable('a stranger was let in'));
          socket.on('error', () => resolve());
        });
      }
      const garbage = connect(port, '127.0.0.1');
      garbage.on('error', () => {}).resume();
      garbage.end(Buffer.alloc(70_000, 3));
      await new Promise((resolve) => garbage.once('close', resolve));
    }
    expect(refusals).toBe(4);
    // Whatever the garbage did, there is a media server within two seconds.
    await until('ready', () => bench.plane.status().mediaServer.state === 'ready', 2000);
    bench.plane.revoke('u');
    await watching;
    expect((await decodeFlv((await bench.watch('a', (n) => n > 250_000)).flv)).frames).toBeGreaterThan(20);
  });

  it('gives helper processes nothing of ours in their environment', async () => {
    process.env.HAIDANG_CANARY = 'canary-in-the-environment';
    bench = await startMediaBench(quiet, [scene('a')]);
    await bench.plane.snapshot('a', { width: 320, maxAgeMs: 0 });
    const watching = bench.watch('a', (bytes) => bytes > 50_000);
    await until('FFmpeg', () => mediaChildren().length > 0);
    const ours = processList().filter(({ command }) =>
      /media-server\/child|image-child|ffmpeg/.test(command),
    );
    expect(ours.length).toBeGreaterThanOrEqual(3);
    for (const { command, environment } of ours) expect(environment, command).not.toContain('canary-in');
    delete process.env.HAIDANG_CANARY;
    await watching;
  });

  it('asks the camera once for ten thousand snapshots', async () => {
    bench = await startMediaBench(quiet, [scene('a')]);
    await bench.plane.snapshot('a', { width: 320, maxAgeMs: 0 });
    const all = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) =>
        bench.plane.snapshot('a', {
          width: ([320, 640, 1280, 'orig'] as const)[i % 4] ?? 320,
          maxAgeMs: 60_000,
        }),
      ),
    );
    expect(new Set(all.map((picture) => picture.takenAtMs)).size).toBe(1);
    expect(new Set(all.map((picture) => picture.width))).toEqual(new Set([320, 640]));
    expect(mediaChildren()).toEqual([]);
  });

  it('kills what talks to a silent camera within five seconds and says why', async () => {
    fake = await startFakeRtsp((request) =>
      request.method === 'DESCRIBE'
        ? { status: 200, body: SDP }
        : request.method === 'OPTIONS'
          ? { status: 200 }
          : undefined,
    );
    bench = await startMediaBench({ ...quiet, holdMs: 30_000 }, [rtsp(fake.url)]);
    const startedAt = performance.now();
    const watching = bench.watch('cam-1', () => false);
    await until('FFmpeg', () => mediaChildren().length > 0);
    await until('noticed', () =>
      bench.verdicts.some(({ verdict }) => verdict.reason === 'timeout' || verdict.reason === 'no_frames'),
    );
    expect(performance.now() - startedAt).toBeLessThan(6500);
    await until('killed', () => mediaChildren().length === 0, 1500);
    bench.plane.revoke('u');
    expect((await watching).closeCode).toBe(4401);
  });

  it('follows no redirect of a camera, from FFmpeg neither', async () => {
    const victim = await startFakeRtsp(() => ({ status: 200, body: SDP }));
    let describes = 0;
    fake = await startFakeRtsp((request) => {
      if (request.method !== 'DESCRIBE') return { status: 200 };
      // The first answer is honest, so that FFmpeg gets as far as asking itself.
      return describes++ === 0
        ? { status: 200, body: SDP }
        : { status: 302, fields: [['Location', victim.url]] };
    });
    bench = await startMediaBench({ ...quiet, holdMs: 4000 }, [rtsp(fake.url)]);
    const { closeCode, closeReason } = await bench.watch('cam-1', () => false);
    expect([closeCode, closeReason]).toEqual([4503, 'redirect_refused']);
    expect(victim.connections()).toBe(0);
    await victim.stop();
  });

  it('leaves no process behind after kill -9: they end by themselves, or at the next start', async () => {
    const runDir = mkdtempSync(join(tmpdir(), 'haidang-kill-'));
    const script = fileURLToPath(new URL('../support/media-process.ts', import.meta.url));
    const server = spawn(process.execPath, [script, runDir], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const marks = readdirSync(runDir).filter((name) => name.startsWith('child-'));
    expect(marks).toHaveLength(1);
    const pid = Number(/\d+/.exec(marks[0] ?? '')?.[0]);
    // Frozen, so that it cannot notice that nobody takes its pictures.
    process.kill(pid, 'SIGSTOP');
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
    const left = () => processList().filter((entry) => entry.pid === pid || entry.command.includes(runDir));
    expect(left()).toHaveLength(1);

    bench = await startMediaBench({ ...quiet, runDir });
    await until('reaped', () => left().length === 0, 2000);
    expect(bench.log()).toContain('"reaped":1');
    expect(readdirSync(runDir)).toEqual([]);
    // The helpers saw their parent go.
    await until('no helper of a dead parent', () => orphanedHelpers().length === 0, 5000);
    rmSync(runDir, { recursive: true });
  });

  it('vets a source before it is stored, without dialling', async () => {
    fake = await startFakeRtsp(() => ({ status: 200, body: SDP }));
    bench = await startMediaBench({ ...quiet, cameraSubnets: ['10.0.0.0/8'] });
    const vet = (url: string) => bench.plane.vet({ kind: 'rtsp', url });
    await expect(vet(fake.url)).rejects.toMatchObject({ code: 'camera.address_refused' });
    await expect(vet('rtsp://0x7f.1/a')).rejects.toMatchObject({ code: 'camera.address_refused' });
    await expect(vet('rtsp://2130706433/a')).rejects.toMatchObject({ code: 'camera.address_refused' });
    await expect(vet('rtsp://localhost/a')).rejects.toMatchObject({ code: 'camera.address_refused' });
    await expect(vet('http://10.0.0.1/a')).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(vet('rtsp://10.1.2.3/a')).resolves.toBeUndefined();
    await expect(vet('rtsp://no-such-name.invalid/a')).resolves.toBeUndefined();
    expect(fake.connections()).toBe(0);
  });

  it('refuses a camera address outside the allowed networks', async () => {
    fake = await startFakeRtsp(() => ({ status: 200, body: SDP }));
    bench = await startMediaBench({ ...quiet, cameraSubnets: [], holdMs: 3000 }, [rtsp(fake.url)]);
    expect((await bench.watch('cam-1', () => false)).closeReason).toBe('address_refused');
    await expect(bench.plane.snapshot('cam-1', { width: 'orig', maxAgeMs: 0 })).rejects.toMatchObject({
      code: 'camera.address_refused',
    });
    expect(fake.connections()).toBe(0);
  });
});
