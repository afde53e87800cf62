import { createSocket } from 'node:dgram';
import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { lineHash, parseLine } from './line.ts';

/** A second place for the anchors, out of reach of whoever can write to this machine's disk. */
export interface AnchorTarget {
  name: string;
  /** The folder of the copy, if it is one that can be read again. */
  folder?: string;
  /** Brings the copy up to date: `file` has got these lines at its end. Throws when it could not. */
  copy(file: string, lines: readonly string[]): Promise<void>;
}

/**
 * `syslog://host[:port]` or an absolute folder, for example a mounted write-once share. Throws `config.invalid` for
 * anything else.
 */
export function openTarget(setting: string, folder: string, nowMs: () => number): AnchorTarget {
  if (setting.startsWith('syslog://')) return syslogTarget(new URL(setting), nowMs);
  if (isAbsolute(setting)) return folderTarget(folder, setting);
  throw new AppError('config.invalid', {
    detail: `audit.anchorTarget is neither syslog://host:port nor an absolute folder: ${setting}`,
  });
}

const CHUNK_BYTES = 256 * 1024;

/** Appends what the copy lacks, so that a share that was away catches up by itself. */
function folderTarget(folder: string, copyFolder: string): AnchorTarget {
  return {
    name: copyFolder,
    folder: copyFolder,
    async copy(file) {
      mkdirSync(copyFolder, { recursive: true });
      const own = join(folder, file);
      const theirs = join(copyFolder, file);
      const size = statSync(own).size;
      let at = statSync(theirs, { throwIfNoEntry: false })?.size ?? 0;
      if (at > size) throw new Error(`${theirs} is longer than ${own}: the original was cut`);
      const source = openSync(own, 'r');
      try {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        while (at < size) {
          const read = readSync(source, chunk, 0, Math.min(CHUNK_BYTES, size - at), at);
          if (read === 0) break;
          appendFileSync(theirs, chunk.subarray(0, read));
          at += read;
        }
      } finally {
        closeSync(source);
      }
      const handle = openSync(theirs, 'r');
      try {
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    },
  };
}

/** Facility 13 (log audit), severity 5 (notice); RFC 5424. */
const PRIORITY = 13 * 8 + 5;
const SYSLOG_PORT = 514;

/**
 * One datagram a line (RFC 5426): the head that was anchored and the hash of the signed line, by which the line in the
 * file can be recognised. A datagram may get lost; the next one has a later head of the same chain.
 */
function syslogTarget(url: URL, nowMs: () => number): AnchorTarget {
  const port = url.port === '' ? SYSLOG_PORT : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    name: url.href,
    copy: (_file, lines) =>
      new Promise<void>((resolve, reject) => {
        const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
        let open = 0;
        const done = (error?: Error | null) => {
          open -= 1;
          if (!error && open > 0) return;
          socket.close();
          if (error) reject(error);
          else resolve();
        };
        const messages = lines.flatMap((text) => syslogMessage(text, nowMs()) ?? []);
        if (messages.length === 0) {
          socket.close();
          resolve();
        }
        for (const message of messages) {
          open += 1;
          socket.send(message, port, host, (error) => {
            if (open > 0) done(error);
          });
        }
      }),
  };
}

function syslogMessage(text: string, nowMs: number): string | undefined {
  const line = parseLine(text)?.line;
  if (!line) return undefined;
  const head = line.type === 'open' ? {} : { chain: line.chain, seq: line.seq, hash: line.hash };
  const body = JSON.stringify({ type: line.type, at: line.at, ...head, line: lineHash(text), key: line.key });
  return `<${PRIORITY}>1 ${new Date(nowMs).toISOString()} ${hostname()} haidang ${process.pid} anchor - ${body}`;
}
