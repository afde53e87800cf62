import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./rtsp-camera.py', import.meta.url));
/** Debian's own interpreter: the bindings belong to it. */
const PYTHON = '/usr/bin/python3';

/** Why no real RTSP camera can be started here; undefined = it can. */
export const noRtspCamera: string | undefined = (() => {
  try {
    execFileSync(
      PYTHON,
      ['-c', "import gi; gi.require_version('Gst','1.0'); gi.require_version('GstRtspServer','1.0')"],
      { stdio: 'ignore', timeout: 20_000 },
    );
    return undefined;
  } catch {
    return 'GStreamer RTSP server for Python is not installed (gir1.2-gst-rtsp-server-1.0, python3-gi)';
  }
})();

export interface RtspCameraOptions {
  /** 0 or absent = any free port. */
  port?: number;
  auth?: 'none' | 'basic' | 'digest';
  user?: string;
  password?: string;
  slices?: number;
  codec?: 'h264' | 'h265' | 'jpeg';
}

export interface RtspCamera {
  port: number;
  /** Without a credential. */
  url: string;
  pid: number;
  /** Connections now, and since the start. */
  connections(): { open: number; total: number };
  /** Freezes or unfreezes it: connections stay open and nothing comes. */
  freeze(frozen: boolean): void;
  /** As if the power went. */
  kill(): Promise<void>;
}

/** Starts a real RTSP camera. Kill it; it also ends with the test process. */
export function startRtspCamera(options: RtspCameraOptions = {}): Promise<RtspCamera> {
  const args = [SCRIPT];
  for (const [key, value] of Object.entries(options)) args.push(`--${key}`, String(value));
  const child = spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let connections = { open: 0, total: 0 };
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    void gone.then(() => reject(new Error(`the RTSP camera ended: ${said}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const report = JSON.parse(line) as { port?: number; connections?: typeof connections };
      if (report.connections) connections = report.connections;
      if (report.port !== undefined) resolve(handle(child, report.port, gone, () => connections));
    });
  });
}

function handle(
  child: ChildProcess,
  port: number,
  gone: Promise<void>,
  connections: RtspCamera['connections'],
): RtspCamera {
  return {
    port,
    url: `rtsp://127.0.0.1:${port}/cam`,
    pid: child.pid ?? 0,
    connections,
    freeze: (frozen) => child.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
