import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../../core/api/common.ts';
import { startApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import { Control } from '../control.ts';
import { createLogger } from '../logger.ts';

export interface Client {
  /** One call of the HTTP API, the body as JSON or, when it is bytes, as it is; throws with code and detail. */
  call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<unknown>;
  control: Control;
}

/**
 * Hands a client to `work`: of the product that runs on this data directory, or else of one that is started for the
 * purpose, without device front, cameras and demo, and ended afterwards.
 */
export async function withClient<T>(
  work: (client: Client) => Promise<T>,
  options: { mustRun?: boolean } = {},
): Promise<T> {
  const { settings } = loadConfig();
  const running = await findRunning(settings.dataDir);
  if (running) return await work(clientOf(running));
  if (options.mustRun) throw new Error('the product is not running on this data directory; start it first');
  const app = await startApp(
    {
      ...settings,
      demo: false,
      roles: ['api'],
      http: { ...settings.http, port: 0, host: '127.0.0.1' },
    },
    createLogger('warn'),
  );
  try {
    return await work(clientOf(app.control));
  } finally {
    await app.stop();
  }
}

export async function findRunning(dataDir: string): Promise<Control | undefined> {
  try {
    const control = Control.parse(JSON.parse(readFileSync(join(dataDir, 'control.json'), 'utf8')));
    const answer = await fetch(`${control.url}/healthz`, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? control : undefined;
  } catch {
    return undefined;
  }
}

function clientOf(control: Control): Client {
  return {
    control,
    async call(method, path, body) {
      const answer = await fetch(`${control.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${control.token}`,
          ...(body === undefined || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined
          ? {}
          : { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
      });
      const type = answer.headers.get('content-type') ?? '';
      const data: unknown = type.includes('json') ? await answer.json() : undefined;
      if (!answer.ok) {
        const problem = Problem.safeParse(data);
        throw new Error(
          problem.success
            ? `${problem.data.detail ?? problem.data.title} (${problem.data.code})`
            : `HTTP ${answer.status}`,
        );
      }
      return data;
    },
  };
}
