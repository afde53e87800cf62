import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { noFfmpeg } from '../../test/support/media.ts';
import { until } from '../../test/support/wait.ts';
import { streamArgs } from './args.ts';
import { findFfmpeg } from './find.ts';
import { killGroup, markChild, reapOrphans } from './marks.ts';
import { startStream } from './process.ts';
import { createProgressReader, type Progress } from './progress.ts';
import { runFfmpeg } from './run.ts';
import { classifyStderr, createTail, readVideoDetails, redact } from './stderr.ts';

const runDir = mkdtempSync(join(tmpdir(), 'haidang-run-'));
const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) killGroup(pid);
  for (const name of readdirSync(runDir)) rmSync(join(runDir, name), { recursive: true });
});

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('what FFmpeg says', () => {
  it('is redacted: credentials, signatures, relay paths', () => {
    const said = redact(
      'rtsp://admin:hunter2@10.0.0.1/x rtsp://127.0.0.1:4567/AbC_d-9 rtmp://127.0.0.1:1/live/a?sign=12-ff00 ticket=zzz',
    );
    expect(said).toBe(
      'rtsp://***@10.0.0.1/x rtsp://127.0.0.1:4567/*** rtmp://127.0.0.1:1/live/a?sign=*** ticket=***',
    );
    const tail = createTail(40);
    tail.push(Buffer.from('x'.repeat(100)));
    tail.push(Buffer.from(' password=abc\n'));
    expect(tail.text()).toMatch(/^x+ password=\*\*\*$/);
  });

  it('is classified', () => {
    for (const [text, code] of [
      ['[rtsp @ 0x5] method DESCRIBE failed: 401 Unauthorized', 'auth_failed'],
      ['rtsp://x: Connection refused', 'unreachable'],
      ['method DESCRIBE failed: 408 Request Timeout', 'timeout'],
      ['Video codec hevc not compatible with flv', 'unsupported'],
      ['rtmp://127.0.0.1:1935/live/x: Connection refused', 'media_server'],
      ['av_interleaved_write_frame(): Broken pipe', 'media_server'],
      ['file:/x.mp4: Invalid data found when processing input', 'unsupported'],
      ['Segmentation fault', 'crashed'],
    ] as const)
      expect(classifyStderr(text), text).toBe(code);
    expect(
      readVideoDetails(
        '  Stream #0:0(und): Video: h264 (Constrained Baseline) (avc1 / 0x31637661), yuv420p(tv, bt709), 1920x1080 [SAR 1:1 DAR 16:9], 25 fps',
      ),
    ).toEqual({ codec: 'h264', width: 1920, height: 1080 });
  });

  it('reports progress in whole reports, however the lines are cut', () => {
    const reports: Progress[] = [];
    const reader = createProgressReader((report) => reports.push(report));
    const text =
      'frame=12\nfps=11.9\ntotal_size=N/A\nprogress=continue\nframe=18\nfps=12.0\ntotal_size=4096\nprogress=end\n';
    for (const letter of text) reader.push(Buffer.from(letter));
    expect(reports).toEqual([
      { frames: 12, fps: 11.9, totalBytes: undefined },
      { frames: 18, fps: 12, totalBytes: 4096 },
    ]);
  });
});

describe('processes that outlive us', () => {
  it('are ended at the next start, with their whole group, and others are left alone', async () => {
    // The owner of the mark is a process that has just died.
    const owner = spawn('sleep', ['0'], { stdio: 'ignore' });
    const orphan = spawn('sh', ['-c', 'sleep 60 & sleep 60'], { detached: true, stdio: 'ignore' });
    const mine = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    for (const child of [orphan, mine]) started.push(child.pid ?? 0);
    await new Promise((resolve) => owner.once('exit', resolve));
    const gone = new Promise((resolve) => orphan.once('exit', resolve));
    await markChild(runDir, mine.pid ?? 0);
    await markChild(runDir, orphan.pid ?? 0);
    const path = join(runDir, `child-${orphan.pid}.json`);
    const mark = (await import('node:fs')).readFileSync(path, 'utf8');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(mark), owner: { pid: owner.pid, startedAt: '1' } }));
    // A process id that was given to somebody else since: the start time does not fit.
    writeFileSync(
      join(runDir, 'child-99.json'),
      JSON.stringify({ pid: mine.pid, startedAt: '5', owner: { pid: owner.pid, startedAt: '1' } }),
    );
    writeFileSync(join(runDir, 'child-98.json'), '{"pid":');

    expect(await reapOrphans(runDir)).toBe(1);
    await gone;
    expect(alive(mine.pid ?? 0)).toBe(true);
    expect(readdirSync(runDir)).toEqual([`child-${mine.pid}.json`]);
  });
});

describe('finding FFmpeg', () => {
  it('finds none where none is, and does not replace a set path that is wrong', async () => {
    expect(await findFfmpeg({ searchPath: '/nowhere:' })).toBeUndefined();
    expect(await findFfmpeg({ ffmpegPath: '/bin/true', searchPath: '/usr/bin' })).toBeUndefined();
  });
});

describe.skipIf(noFfmpeg !== undefined)(
  `FFmpeg under supervision${noFfmpeg ? ` (skipped: ${noFfmpeg})` : ''}`,
  () => {
    const ports = async () => {
      const found = await findFfmpeg({ searchPath: '/usr/local/bin:/usr/bin:/bin' });
      return { clock: systemClock, binary: found?.path ?? '', runDir };
    };
    /** Publishes into a file instead of a media server. */
    const drawn = ['-re', '-f', 'lavfi', '-i', 'testsrc=s=64x64:r=20'];
    const start = async (
      input: readonly string[],
      options: { stallMs?: number; bytes?: () => number } = {},
    ) => {
      let first = false;
      const args = streamArgs(input, { kind: 'encode', encoder: 'libx264' }, join(runDir, 'out.flv'));
      const stream = startStream(await ports(), {
        args: ['-y', ...args],
        stallMs: options.stallMs ?? 3500,
        startMs: 20_000,
        sourceBytes: options.bytes,
        onFirstFrame: () => {
          first = true;
        },
      });
      started.push(stream.pid);
      return { stream, first: () => first };
    };

    it('reports frames and ends when asked', async () => {
      const { stream, first } = await start(drawn);
      await until('ten frames', () => stream.stats.frames >= 10);
      expect(first()).toBe(true);
      expect(stream.stats.lastFrameAtMs).toBeGreaterThan(Date.now() - 5000);
      expect(readdirSync(runDir)).toContain(`child-${stream.pid}.json`);
      stream.stop();
      expect((await stream.exited).failure).toBeNull();
      expect(readdirSync(runDir)).toEqual(['out.flv']);
    });

    it('kills one that is frozen within five seconds of its last frame', async () => {
      const { stream } = await start(drawn);
      await until('frames', () => stream.stats.frames >= 5);
      process.kill(stream.pid, 'SIGSTOP');
      const frozenAt = performance.now();
      expect((await stream.exited).failure).toBe('no_frames');
      expect(performance.now() - frozenAt).toBeLessThan(5000);
      expect(alive(stream.pid)).toBe(false);
    });

    it('kills one that never gives a frame, but is patient while its source still sends', async () => {
      let bytes = 0;
      const patient = setInterval(() => {
        bytes += 100;
      }, 50);
      const silent = ['-f', 'lavfi', '-i', 'testsrc=s=64x64:r=5,realtime,select=0'];
      const { stream } = await start(silent, { stallMs: 600, bytes: () => bytes });
      const early = await Promise.race([
        stream.exited,
        new Promise((resolve) => setTimeout(resolve, 1500, 'runs')),
      ]);
      expect(early).toBe('runs');
      clearInterval(patient);
      expect((await stream.exited).failure).toBe('no_frames');
    });

    it('says what went wrong when it cannot start', async () => {
      const { stream } = await start(['-i', '/nonexistent.mp4']);
      expect((await stream.exited).failure).toBe('invalid_source');
      const broken = startStream(
        { clock: systemClock, binary: '/nonexistent/ffmpeg', runDir },
        { args: [], stallMs: 1000, startMs: 1000, sourceBytes: undefined, onFirstFrame: () => {} },
      );
      expect((await broken.exited).failure).toBe('media_off');
    });

    it('bounds the time and the size of what it makes', async () => {
      const run = await ports();
      const endless = [...drawn, '-f', 'rawvideo', 'pipe:1'];
      await expect(runFfmpeg(run, { args: endless, timeoutMs: 300, maxBytes: 1e9 })).rejects.toMatchObject({
        code: 'timeout',
      });
      await expect(
        runFfmpeg(run, { args: endless, timeoutMs: 20_000, maxBytes: 1000 }),
      ).rejects.toMatchObject({
        code: 'too_much_data',
      });
    });
  },
);
