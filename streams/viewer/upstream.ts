import { get } from 'node:http';
import type { Attempt } from '../sessions/session.ts';
import { createFlvReader, type FlvTag } from './flv.ts';

/**
 * Reads a stream from the media server. It is read as fast as it comes, because the server would pile up
 * what is not read: the viewer's backlog decides what is dropped. Returns a function that hangs up.
 */
export function readStream(
  attempt: Attempt,
  handlers: { onTags(tags: FlvTag[]): void; onEnd(): void },
): () => void {
  const { url, headers } = attempt.server.play(attempt.stream);
  const reader = createFlvReader();
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    request.destroy();
    handlers.onEnd();
  };
  const request = get(url, { headers, agent: false }, (response) => {
    if (response.statusCode !== 200) {
      finish();
      return;
    }
    response.on('data', (chunk: Buffer) => {
      if (over) return;
      try {
        handlers.onTags(reader.push(chunk));
      } catch {
        finish();
      }
    });
    response.on('error', finish);
    response.on('close', finish);
  });
  request.on('error', finish);
  return () => {
    over = true;
    request.destroy();
  };
}
