import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { seededRandom, systemClock } from '../../core/clock.ts';
import type { HealthItem } from '../../core/ports.ts';
import {
  type CameraRecord,
  createMediaPlane,
  type MediaPlane,
  MediaSettings,
  type Verdict,
} from '../../streams/index.ts';
import { testLogger } from './logger.ts';

/** Why no media can run here; undefined = it can. */
export const noFfmpeg: string | undefined = (() => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'FFmpeg is not installed';
  }
})();

export interface MediaBench {
  plane: MediaPlane;
  origin: string;
  cameras: Map<string, CameraRecord>;
  secrets: Map<string, { username: string; password: string }>;
  verdicts: { cameraId: string; verdict: Verdict }[];
  /** Everything that was logged, as one text. */
  log(): string;
  healthItems: Omit<HealthItem, 'sinceMs'>[];
  runDir: string;
  mediaDir: string;
  /** Plays a camera as user `u` and collects bytes until `enough` says so or the socket closes. */
  watch(cameraId: string, enough: (bytes: number) => boolean): Promise<Watched>;
  open(cameraId: string, user?: { userId: string; sessionId: string }): WebSocket;
  stop(): Promise<void>;
}

interface Watched {
  flv: Buffer;
  closeCode: number | undefined;
  closeReason: string;
  firstByteMs: number | undefined;
}

/** A media plane behind a real HTTP server, with its directory in memory and its own empty folders. */
export async function startMediaBench(
  settings: Partial<MediaSettings> = {},
  cameras: CameraRecord[] = [],
): Promise<MediaBench> {
  const dir = mkdtempSync(join(tmpdir(), 'haidang-media-'));
  const lines: string[] = [];
  const logger = testLogger(lines);
  const directory = new Map(cameras.map((camera) => [camera.id, camera]));
  const secrets: MediaBench['secrets'] = new Map();
  const verdicts: MediaBench['verdicts'] = [];
  const healthItems: MediaBench['healthItems'] = [];
  const plane = createMediaPlane({
    settings: MediaSettings.parse({
      runDir: join(dir, 'run'),
      mediaDir: dir,
      cameraSubnets: ['127.0.0.0/8'],
      utcOffsetMin: 420,
      ...settings,
    }),
    clock: systemClock,
    random: seededRandom(7),
    logger,
    secrets: async (id) => secrets.get(id),
    health: { set: (item) => healthItems.push(item), items: () => [] },
    cameras: { byId: (id) => directory.get(id), all: () => directory.values() },
    onHealth: (cameraId, verdict) => verdicts.push({ cameraId, verdict }),
  });
  await plane.start();
  const server: Server = createServer((_request, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket, head) => {
    if (!plane.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const origin = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const open: MediaBench['open'] = (cameraId, user = { userId: 'u', sessionId: 's' }) =>
    new WebSocket(`${origin}${plane.play(cameraId, user).flvUrl}`);

  return {
    plane,
    origin,
    cameras: directory,
    secrets,
    verdicts,
    healthItems,
    log: () => lines.join('\n'),
    runDir: join(dir, 'run'),
    mediaDir: dir,
    open,
    watch(cameraId, enough) {
      const startedAt = performance.now();
      const socket = open(cameraId);
      const parts: Buffer[] = [];
      let bytes = 0;
      let firstByteMs: number | undefined;
      return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.on('message', (data: Buffer) => {
          firstByteMs ??= performance.now() - startedAt;
          parts.push(data);
          bytes += data.length;
          if (enough(bytes)) socket.close();
        });
        socket.on('close', (closeCode, reason) =>
          resolve({ flv: Buffer.concat(parts), closeCode, closeReason: reason.toString(), firstByteMs }),
        );
      });
    },
    async stop() {
      await plane.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** How many pictures FFmpeg decodes from FLV bytes, and what it complains about. */
export function decodeFlv(flv: Buffer): Promise<{ frames: number; complaints: string }> {
  const child = spawn(
    'ffmpeg',
    [
      '-hide_banner',
      '-loglevel',
      'error',
      '-f',
      'flv',
      '-i',
      'pipe:0',
      // Every picture with its own time in milliseconds: nothing is dropped or rounded together.
      ...['-vsync', 'passthrough', '-enc_time_base', '1:1000'],
      '-f',
      'null',
      '-progress',
      'pipe:1',
      '-',
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let out = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(flv);
  return new Promise((resolve) =>
    child.once('close', () => {
      const counts = [...out.matchAll(/^frame=\s*(\d+)/gm)].map((match) => Number(match[1]));
      resolve({ frames: Math.max(0, ...counts), complaints });
    }),
  );
}

/** Command lines of all running processes, as `ps` would show them. */
export function processList(): { pid: number; command: string; environment: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0/g, ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').replace(/\0/g, ' ');
        return [{ pid: Number(pid), command, environment }];
      } catch {
        return [];
      }
    });
}

/** Processes whose parent is this test process. */
export function ownChildren(): { pid: number; command: string }[] {
  return processList().filter(({ pid }) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid;
    } catch {
      return false;
    }
  });
}

/** Every FFmpeg of this bench. */
export function mediaChildren(): { pid: number; command: string }[] {
  return ownChildren().filter(({ command }) => /ffmpeg/.test(command.split(' ')[0] ?? ''));
}
