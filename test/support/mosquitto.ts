import { spawn, spawnSync } from 'node:child_process';

/** Whether Debian's mosquitto-clients are here; suites that need them are skipped by name otherwise. */
export const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined;

export interface Publish {
  port: number;
  username: string;
  password: string;
  topic: string;
  message: string | Buffer;
  qos?: 0 | 1 | 2;
  extra?: string[];
}

/** Publishes one message as a device would; resolves to the exit code and what it said. */
export async function mosquittoPub(options: Publish): Promise<{ code: number | null; said: string }> {
  const { port, username, password, topic, message, qos = 1, extra = [] } = options;
  const args = ['-h', '127.0.0.1', '-p', String(port), '-u', username, '-P', password, '-t', topic];
  const child = spawn('mosquitto_pub', [...args, '-q', String(qos), '-s', ...extra]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(message);
  // A publisher whose message is never acknowledged would wait for ever.
  const timer = setTimeout(() => child.kill(), 20_000);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { code, said };
}
