/**
 * RTSP/1.0 (RFC 2326) on one TCP connection: messages and `$` interleaved frames, read incrementally.
 * The other side is a device that nobody audited, so everything has a bound and nothing is guessed.
 */
export interface RtspHeaders {
  /** In order of arrival, names as they came. */
  readonly fields: readonly (readonly [string, string])[];
}

export interface RtspRequest extends RtspHeaders {
  kind: 'request';
  method: string;
  url: string;
  body: Buffer;
}

export interface RtspResponse extends RtspHeaders {
  kind: 'response';
  status: number;
  reason: string;
  body: Buffer;
}

/** One or more whole interleaved frames, with their four-byte headers, exactly as received. */
interface RtspFrames {
  kind: 'frames';
  data: Buffer;
}

export type RtspItem = RtspRequest | RtspResponse | RtspFrames;

export class RtspSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtspSyntaxError';
  }
}

/** An SDP of a many-track recorder stays under 16 KiB; a head under 4 KiB. The rest is abuse. */
export const RTSP_LIMITS = { headBytes: 16 * 1024, bodyBytes: 64 * 1024, fields: 64 } as const;

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY: Buffer = Buffer.alloc(0);

export interface RtspParser {
  /** Feeds bytes, returns what became whole. Throws `RtspSyntaxError`; after that the parser is of no use. */
  push(chunk: Buffer): RtspItem[];
  /** Bytes held back, always below head + body + one frame. */
  readonly pendingBytes: number;
}

export function createRtspParser(): RtspParser {
  let pending: Buffer = EMPTY;

  return {
    get pendingBytes() {
      return pending.length;
    },
    push(chunk) {
      const data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const items: RtspItem[] = [];
      let at = 0;
      for (;;) {
        // Stray line ends between messages are common and harmless.
        while (at < data.length && (data[at] === CR || data[at] === LF)) at++;
        if (at >= data.length) break;
        const end = data[at] === DOLLAR ? framesEnd(data, at) : at;
        if (end > at) {
          items.push({ kind: 'frames', data: data.subarray(at, end) });
          at = end;
          continue;
        }
        if (data[at] === DOLLAR) break;
        const message = readMessage(data, at);
        if (!message) break;
        items.push(message.item);
        at = message.end;
      }
      // A copy, so that a few waiting bytes do not hold a whole network buffer.
      pending = at >= data.length ? EMPTY : Buffer.from(data.subarray(at));
      return items;
    },
  };
}

/** End of the run of whole frames that starts at `from`; `from` itself when the first is not whole yet. */
function framesEnd(data: Buffer, from: number): number {
  let at = from;
  while (at + 4 <= data.length && data[at] === DOLLAR) {
    const next = at + 4 + data.readUInt16BE(at + 2);
    if (next > data.length) break;
    at = next;
  }
  return at;
}

function readMessage(
  data: Buffer,
  from: number,
): { item: RtspRequest | RtspResponse; end: number } | undefined {
  const headEnd = data.indexOf(HEAD_END, from);
  if (headEnd === -1 ? data.length - from > RTSP_LIMITS.headBytes : headEnd - from > RTSP_LIMITS.headBytes)
    throw new RtspSyntaxError('message head too long');
  if (headEnd === -1) {
    // Say no to garbage at its first bytes instead of collecting 16 KiB of it.
    if (!/^[A-Z]/.test(data.toString('latin1', from, from + 1))) throw new RtspSyntaxError('not RTSP');
    return undefined;
  }
  const [start = '', ...lines] = data.toString('latin1', from, headEnd).split('\r\n');
  const fields = readFields(lines);
  const length = bodyLength(fields);
  const bodyFrom = headEnd + HEAD_END.length;
  if (bodyFrom + length > data.length) return undefined;
  const body = Buffer.from(data.subarray(bodyFrom, bodyFrom + length));
  return { item: { ...readStartLine(start), fields, body }, end: bodyFrom + length };
}

function readStartLine(
  line: string,
): Pick<RtspRequest, 'kind' | 'method' | 'url'> | Pick<RtspResponse, 'kind' | 'status' | 'reason'> {
  const response = /^RTSP\/1\.\d (\d{3})(?: (.*))?$/.exec(line);
  if (response) return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '' };
  const request = /^([A-Z_]{1,32}) (\S{1,4096}) RTSP\/1\.\d$/.exec(line);
  if (request) return { kind: 'request', method: request[1] ?? '', url: request[2] ?? '' };
  throw new RtspSyntaxError('not an RTSP start line');
}

function readFields(lines: readonly string[]): [string, string][] {
  if (lines.length > RTSP_LIMITS.fields) throw new RtspSyntaxError('too many header fields');
  const fields: [string, string][] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    if (colon < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new RtspSyntaxError('bad header field');
    fields.push([name, line.slice(colon + 1).trim()]);
  }
  return fields;
}

function bodyLength(fields: readonly (readonly [string, string])[]): number {
  const values = fields.filter(([name]) => name.toLowerCase() === 'content-length').map(([, value]) => value);
  if (values.length === 0) return 0;
  const [first = ''] = values;
  if (!/^\d{1,9}$/.test(first) || values.some((value) => value !== first))
    throw new RtspSyntaxError('bad Content-Length');
  const length = Number(first);
  if (length > RTSP_LIMITS.bodyBytes) throw new RtspSyntaxError('message body too long');
  return length;
}

/** First value of a header, name in any case. */
export function header(message: RtspHeaders, name: string): string | undefined {
  return headers(message, name)[0];
}

export function headers(message: RtspHeaders, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.fields.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

export function writeRequest(
  method: string,
  url: string,
  fields: readonly (readonly [string, string])[],
  body: Buffer = EMPTY,
): Buffer {
  return writeMessage(`${method} ${url} RTSP/1.0`, fields, body);
}

export function writeResponse(
  status: number,
  reason: string,
  fields: readonly (readonly [string, string])[],
  body: Buffer = EMPTY,
): Buffer {
  return writeMessage(`RTSP/1.0 ${status} ${reason}`, fields, body);
}

function writeMessage(start: string, fields: readonly (readonly [string, string])[], body: Buffer): Buffer {
  const lines = [start];
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  if (body.length > 0) lines.push(`Content-Length: ${body.length}`);
  // A line end inside a value would start a header of the sender's choice.
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new RtspSyntaxError('line end in a header');
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
