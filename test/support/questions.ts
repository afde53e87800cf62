import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { Server } from 'node:http';
import pg from 'pg';

const HEADER = 'x-test-questions';

/**
 * Writes down what the product of this process asks its database on behalf of one request. Two requests that ask the
 * same questions take the same way, whatever a busy machine does to their times.
 */
export function watchQuestions() {
  const running = new AsyncLocalStorage<string[]>();
  const watched = new Map<string, string[]>();
  const { emit } = Server.prototype;
  const { query } = pg.Client.prototype;

  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    const id = (args[0] as { headers?: Record<string, unknown> } | undefined)?.headers?.[HEADER];
    const questions = event === 'request' ? watched.get(String(id)) : undefined;
    const go = () => Reflect.apply(emit, this, [event, ...args]) as boolean;
    return questions ? running.run(questions, go) : go();
  };
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [asked] = args as [string | { text?: string }];
    running.getStore()?.push((typeof asked === 'string' ? asked : asked.text) ?? '');
    return Reflect.apply(query, this, args);
  } as typeof query;

  return {
    /** Runs one call; it must send the given headers. */
    async during<T>(call: (headers: Record<string, string>) => Promise<T>) {
      const id = randomUUID();
      const questions: string[] = [];
      watched.set(id, questions);
      try {
        return { result: await call({ [HEADER]: id }), questions };
      } finally {
        watched.delete(id);
      }
    },
    stop() {
      Server.prototype.emit = emit;
      pg.Client.prototype.query = query;
    },
  };
}
