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
}

/** Runs the load generator beside us; resolves to messages per second, all acknowledged. */
export async function publishLoad(load: Load): Promise<number> {
  const file = fileURLToPath(new URL('publish-load.ts', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(load)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    child.stdin.write('go\n');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { elapsedS } = JSON.parse(String(line)) as { elapsedS: number };
    return (Math.floor(load.messages / load.devices.length) * load.devices.length) / elapsedS;
  } finally {
    child.kill();
  }
}
