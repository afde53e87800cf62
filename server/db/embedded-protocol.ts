import type { PGlite } from '@electric-sql/pglite';

const READY_FOR_QUERY = 0x5a;
/** Parse, Bind, Describe, Execute, Close, Flush: after an error in one of them the server is ready at the Sync, not before. */
const EXTENDED = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)));

/**
 * PGlite 0.5.8 says "ready for query" right after an error and again at the Sync, because the socket server hands it
 * one message at a time. Through `pg` every answer after an error would then go to the question before it: a SELECT
 * gets the rows of the BEGIN. This leaves the early one out.
 */
export function withoutEarlyReady(db: PGlite): PGlite {
  const run = db.execProtocolRawStream.bind(db);
  db.execProtocolRawStream = async (message, options) => {
    if (!EXTENDED.has(message[0] ?? 0)) return await run(message, options);
    const answer: Uint8Array[] = [];
    await run(message, { ...options, onRawData: (data) => answer.push(data.slice()) });
    options?.onRawData?.(dropReady(Buffer.concat(answer)));
  };
  return db;
}

/** Backend messages without ReadyForQuery: type byte, then a length that counts itself. */
export function dropReady(messages: Buffer): Buffer {
  const kept: Buffer[] = [];
  let at = 0;
  while (at + 5 <= messages.length) {
    const end = at + 1 + messages.readInt32BE(at + 1);
    if (messages[at] !== READY_FOR_QUERY) kept.push(messages.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
