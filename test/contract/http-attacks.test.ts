import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../support/app.ts';
import { postgresBin } from '../support/postgres.ts';

describe.skipIf(!postgresBin())('requests that no browser sends, against the running product', () => {
  let app: TestApp;
  let port: number;

  beforeAll(async () => {
    app = await startTestApp();
    port = Number(new URL(app.url).port);
  });
  afterAll(async () => {
    await app?.close();
  });

  /** Bytes as they are; what comes back until the other side hangs up. */
  const raw = (bytes: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (part) => {
        answer += part.toString('latin1');
      });
      socket.on('close', () => resolve(answer)).on('error', () => undefined);
      socket.write(bytes);
    });
  const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]);
  const upgrade = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number | 'open'>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.on('unexpected-response', (_request, response) => {
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => undefined);
    });

  it('are never taken for two: what two servers could read differently is refused', async () => {
    const smuggled = 'GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const requests: Record<string, string> = {
      'length and chunks': `${head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      'chunks and length': `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${smuggled}`,
      'two lengths': `${head}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${smuggled}`,
      'a list of lengths': `${head}Content-Length: 2, 40\r\n\r\n{}${smuggled}`,
      'a signed length': `${head}Content-Length: +2\r\n\r\n{}${smuggled}`,
      'a negative length': `${head}Content-Length: -2\r\n\r\n{}${smuggled}`,
      'a length in another base': `${head}Content-Length: 0x2\r\n\r\n{}${smuggled}`,
      'an unknown coding': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
      'chunks not last': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
      'a space before the colon': `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      'a folded header': `${head}X-Long: a\r\n b\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
      'a bare line feed': `${head.replaceAll('\r\n', '\n')}Content-Length: 2\n\n{}${smuggled}`,
      'a bare carriage return': `${head}X-A: b\rTransfer-Encoding: chunked\r\n\r\n${smuggled}`,
      'a null in a header': `${head}X-A: b\0c\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
      'a chunk size with a sign': `${head}Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n${smuggled}`,
      'a chunk size beyond numbers': `${head}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n`,
      'no host': `GET /api/v1/centre HTTP/1.1\r\n\r\n${smuggled}`,
      'two hosts': `GET /api/v1/centre HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n`,
      'one host in the line, another in the head': `GET http://evil.example/api/v1/centre HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      'another protocol': `GET /api/v1/centre HTTP/3.7\r\nHost: localhost\r\n\r\n`,
      'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    };
    const wrong: string[] = [];
    for (const [name, bytes] of Object.entries(requests)) {
      const answer = statuses(await raw(bytes));
      // Refused once; the request behind it is never read.
      if (answer.length !== 1 || answer[0] !== '400') wrong.push(`${name}: ${answer}`);
    }
    expect(wrong).toEqual([]);
  });

  it('get no more room for headers than 16 KiB, nor for names of parameters', async () => {
    const large = await raw(
      `GET /api/v1/centre HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`,
    );
    expect(statuses(large)).toEqual(['431']);
    const many = `GET /api/v1/centre HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(3000)}\r\n`;
    expect(statuses(await raw(many))).toEqual(['431']);
    const parameters = Array.from({ length: 1_000_000 }, (_, n) => `p${n}=1`).join('&');
    expect(
      statuses(await raw(`GET /api/v1/centre?${parameters} HTTP/1.1\r\nHost: localhost\r\n\r\n`)),
    ).toEqual(['431']);
    // As many as fit are looked at by name, not one by one.
    const fitting = Array.from({ length: 1500 }, (_, n) => `p${n}=1`).join('&');
    expect((await app.call('GET', `/devices?${fitting}`, { token: app.token })).status).toBe(200);
  });

  it('get no body of many parts for a range of many parts', async () => {
    const ranges = Array.from({ length: 1000 }, (_, n) => `${n}-`).join(',');
    for (const path of ['/basemap/world.topojson', '/api/docs/swagger-ui-bundle.js']) {
      const answer = await fetch(app.url + path, { headers: { range: `bytes=${ranges}` } });
      expect(answer.headers.get('content-type'), path).not.toMatch(/multipart/);
      await answer.body?.cancel();
    }
  });

  it('open no socket for a page of another origin or under a name that is not ours', async () => {
    const { body } = await app.call('POST', '/live/ticket', { token: app.token });
    for (const path of [`/api/v1/live?ticket=${body.ticket}`, '/media/camera.flv?ticket=x']) {
      expect(await upgrade(path, { origin: 'https://evil.example' }), path).toBe(403);
      expect(await upgrade(path, { origin: 'null' }), path).toBe(403);
      expect(await upgrade(path, { host: 'evil.example' }), path).toBe(403);
      expect(await upgrade(path, { 'sec-fetch-site': 'cross-site' }), path).toBe(403);
    }
    // None of them used the ticket up.
    expect(await upgrade(`/api/v1/live?ticket=${body.ticket}`, { origin: app.url })).toBe('open');
  });

  it('compress nothing on a socket, and end one that sends what was not agreed or too much', async () => {
    const closing = async (frame: Buffer | undefined, message?: string) => {
      const { body } = await app.call('POST', '/live/ticket', { token: app.token });
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live?ticket=${body.ticket}`, {
        origin: app.url,
        perMessageDeflate: true,
      });
      return await new Promise<number>((resolve, reject) => {
        socket.on('open', () => {
          expect(socket.extensions).toBe('');
          if (message !== undefined) socket.send(message);
          // A frame as it goes over the wire, past the client's own rules.
          else (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(frame ?? '');
        });
        socket.on('close', resolve).on('error', reject);
      });
    };
    // RSV1 = "this is compressed": text, final, masked, five bytes of a deflate stream that grows.
    expect(await closing(Buffer.from([0xc1, 0x85, 0, 0, 0, 0, 0xec, 0xc1, 0x01, 0x01, 0x00]))).toBe(1002);
    expect(await closing(undefined, 'x'.repeat(20_000))).toBe(1009);
    // A head that promises 2^62 bytes.
    expect(await closing(Buffer.from([0x82, 0xff, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))).toBe(
      1009,
    );
  });

  it('leave the product as it was', async () => {
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
