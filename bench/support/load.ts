import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Load {
  port: number;
  devices: readonly string[];
  messages: number;
  /** Readings in one message. */
  readings: number;
  /** Messages on their way at once, per device. */
  window: number;
  /** Messages per second that are offered, all devices together; absent = as fast as they are acknowledged. */
  perS?: number;
}

export interface LoadResult {
  /** Messages per second, all acknowledged. */
  rate: number;
  /** From the moment a message is due to its PUBACK, milliseconds; of paced loads only. */
  p50Ms: number;
  p99Ms: number;
}

/** Runs the load generator beside us; resolves when every message is acknowledged. */
export async function publishLoad(load: Load): Promise<LoadResult> {
  const file = fileURLToPath(new URL('publish-load.ts', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(load)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    child.stdin.write('go\n');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { elapsedS, p50Ms, p99Ms } = JSON.parse(String(line)) as {
      elapsedS: number;
      p50Ms: number;
      p99Ms: number;
    };
    const messages = Math.floor(load.messages / load.devices.length) * load.devices.length;
    return { rate: messages / elapsedS, p50Ms, p99Ms };
  } finally {
    child.kill();
  }
}
