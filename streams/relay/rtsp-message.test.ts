import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRtspParser,
  header,
  headers,
  RTSP_LIMITS,
  type RtspItem,
  RtspSyntaxError,
  writeRequest,
  writeResponse,
} from './rtsp-message.ts';

const token = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,15}$/)
  .filter((name) => !/^content-length$/i.test(name));
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const fields = fc.array(fc.tuple(token, value), { maxLength: 6 });

const request = fc
  .record({ method: fc.constantFrom('OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY'), fields, body })
  .map((r) => ({
    bytes: writeRequest(r.method, 'rtsp://host/a', r.fields, r.body),
    item: { kind: 'request', method: r.method, url: 'rtsp://host/a', body: r.body.toString('hex') },
  }));
const response = fc.record({ status: fc.integer({ min: 100, max: 599 }), fields, body }).map((r) => ({
  bytes: writeResponse(r.status, 'Some reason', r.fields, r.body),
  item: { kind: 'response', status: r.status, reason: 'Some reason', body: r.body.toString('hex') },
}));
const frame = fc.tuple(fc.integer({ min: 0, max: 255 }), body).map(([channel, data]) => {
  const head = Buffer.from([0x24, channel, data.length >> 8, data.length & 255]);
  const bytes = Buffer.concat([head, data]);
  return { bytes, item: { kind: 'frames', data: bytes.toString('hex') } };
});

/** Items without their header fields; neighbouring frames joined, since how they are grouped is no matter. */
function plain(items: readonly RtspItem[]): unknown[] {
  const out: Record<string, unknown>[] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (item.kind === 'frames') {
      if (last?.kind === 'frames') last.data = `${last.data}${item.data.toString('hex')}`;
      else out.push({ kind: 'frames', data: item.data.toString('hex') });
    } else {
      const { fields: _, body: bytes, ...rest } = item;
      out.push({ ...rest, body: bytes.toString('hex') });
    }
  }
  return out;
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

describe('the RTSP parser', () => {
  it('reads the same items however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(request, response, frame), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }),
        (parts, sizes) => {
          const parser = createRtspParser();
          const items = cut(Buffer.concat(parts.map((part) => part.bytes)), sizes).flatMap((chunk) =>
            parser.push(chunk),
          );
          const expected: Record<string, unknown>[] = [];
          for (const item of parts.map((part): Record<string, unknown> => part.item)) {
            const last = expected.at(-1);
            if (item.kind === 'frames' && last?.kind === 'frames') last.data = `${last.data}${item.data}`;
            else expected.push({ ...item });
          }
          expect(plain(items)).toEqual(expected);
          expect(parser.pendingBytes).toBe(0);
        },
      ),
    );
  });

  it('holds back a bounded number of bytes and throws nothing but syntax errors on rubbish', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 60 }), (chunks) => {
        const parser = createRtspParser();
        try {
          for (const chunk of chunks) parser.push(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(RtspSyntaxError);
        }
        expect(parser.pendingBytes).toBeLessThanOrEqual(
          RTSP_LIMITS.headBytes + RTSP_LIMITS.bodyBytes + 65_540,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('refuses an endless head, an endless body, too many fields and two lengths', () => {
    const feed = (text: string) => () => createRtspParser().push(Buffer.from(text));
    expect(feed(`OPTIONS * RTSP/1.0\r\nA: ${'x'.repeat(RTSP_LIMITS.headBytes)}`)).toThrow('head too long');
    expect(feed('RTSP/1.0 200 OK\r\nContent-Length: 70000\r\n\r\n')).toThrow('body too long');
    expect(feed('RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n')).toThrow('Content-Length');
    expect(feed('RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n')).toThrow(
      'Content-Length',
    );
    expect(feed(`RTSP/1.0 200 OK\r\n${'A: b\r\n'.repeat(65)}\r\n`)).toThrow('too many');
    expect(feed('HTTP/1.1 200 OK\r\n\r\n')).toThrow('start line');
    expect(feed('\x16\x03\x01\x02')).toThrow('not RTSP');
  });

  it('finds header fields in any case, and all of one name', () => {
    const [item] = createRtspParser().push(
      Buffer.from(
        'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm="a"\r\nwww-authenticate: Digest\r\n  nonce="b"\r\n\r\n',
      ),
    );
    if (item?.kind !== 'response') throw new Error('no response');
    expect(header(item, 'Www-Authenticate')).toBe('Basic realm="a"');
    expect(headers(item, 'WWW-AUTHENTICATE')).toEqual(['Basic realm="a"', 'Digest nonce="b"']);
  });

  it('writes no line end that came in a value', () => {
    expect(() => writeRequest('PLAY', 'rtsp://h/a\r\nX: y', [])).toThrow(RtspSyntaxError);
    expect(() => writeResponse(200, 'OK', [['Session', '1\nX: y']])).toThrow(RtspSyntaxError);
  });
});
