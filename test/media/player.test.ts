import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { type MediaBench, noFfmpeg, startMediaBench } from '../support/media.ts';
import { noRtspCamera, type RtspCamera, startRtspCamera } from '../support/rtsp-camera.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = noFfmpeg ?? noRtspCamera ?? (existsSync(CHROMIUM) ? undefined : 'Chromium is not installed');
const PLAYER = createRequire(import.meta.url).resolve('mpegts.js/dist/mpegts.js');

let bench: MediaBench | undefined;
let camera: RtspCamera | undefined;
afterEach(async () => {
  await bench?.stop();
  await camera?.kill();
});

interface Figures {
  frames: number;
  width: number;
  firstFrameMs: number | null;
  error: string | null;
}

describe.skipIf(missing !== undefined)(
  `mpegts.js in Chromium${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    it('decodes a real RTSP camera, and goes on after the camera was away for a moment', async () => {
      camera = await startRtspCamera({ auth: 'digest', user: 'viewer', password: 'right' });
      bench = await startMediaBench({ holdMs: 20_000, retryMinMs: 300, probeIntervalMs: 600_000 }, [
        { id: 'cam-1', name: 'Cảng', enabled: true, source: { kind: 'rtsp', url: camera.url } },
      ]);
      bench.secrets.set('cam-1', { username: 'viewer', password: 'right' });
      const pages = createServer((request, response) => {
        if (request.url === '/player.js')
          response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(PLAYER));
        else
          response
            .writeHead(200, { 'content-type': 'text/html' })
            .end('<!doctype html><video id="v" muted autoplay></video><script src="/player.js"></script>');
      });
      await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', () => resolve()));
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
        const { flvUrl } = bench.plane.play('cam-1', { userId: 'u', sessionId: 's' });
        await page.evaluate(`(() => {
          window.figures = { firstFrameMs: null, error: null };
          const video = document.getElementById('v');
          const startedAt = performance.now();
          const player = mpegts.createPlayer(
            { type: 'flv', isLive: true, hasAudio: false, url: ${JSON.stringify(`${bench.origin}${flvUrl}`)} },
            { liveBufferLatencyChasing: true, enableStashBuffer: false },
          );
          player.on(mpegts.Events.ERROR, (type, detail) => { window.figures.error = type + ' ' + detail; });
          video.addEventListener('loadeddata', () => {
            window.figures.firstFrameMs ??= performance.now() - startedAt;
          });
          player.attachMediaElement(video);
          player.load();
          player.play();
        })()`);
        const figures = () =>
          page.evaluate<Figures>(`(() => {
            const video = document.getElementById('v');
            const frames = video.getVideoPlaybackQuality().totalVideoFrames;
            return { ...window.figures, frames, width: video.videoWidth };
          })()`);
        await expect
          .poll(async () => (await figures()).frames, { timeout: 20_000 })
          .toBeGreaterThanOrEqual(20);
        const first = await figures();
        expect(first).toMatchObject({ width: 640, error: null });
        expect(first.firstFrameMs).toBeLessThan(6000);

        const { port } = camera;
        await camera.kill();
        camera = await startRtspCamera({ port, auth: 'digest', user: 'viewer', password: 'right' });
        const before = (await figures()).frames;
        await expect
          .poll(async () => (await figures()).frames, { timeout: 30_000 })
          .toBeGreaterThanOrEqual(before + 20);
        expect((await figures()).error).toBeNull();
      } finally {
        await browser.close();
        pages.close();
      }
    }, 120_000);
  },
);
