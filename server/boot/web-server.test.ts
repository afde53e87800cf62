import { connect } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { testLogger } from '../../test/support/logger.ts';
import { startWebServer, type WebServer } from './web-server.ts';

describe('the web server against those who take their time', () => {
  let server: WebServer;
  beforeAll(async () => {
    const app = express();
    app.post('/take', express.text(), (_req, res) => void res.send('taken'));
    server = await startWebServer({
      app,
      host: '127.0.0.1',
      port: 0,
      upgrades: [],
      allowedHosts: [],
      limits: { headersMs: 150, requestMs: 300, checkMs: 50 },
      logger: testLogger(),
    });
  });
  afterAll(() => server.stop());

  /** Resolves when the server hangs up on somebody who sends these parts, one every few milliseconds, and then waits. */
  const hangsUpOn = (parts: readonly string[]) =>
    new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1');
      const left = [...parts];
      const drip = setInterval(() => {
        const part = left.shift();
        if (part !== undefined && socket.writable) socket.write(part);
      }, 20);
      socket.on('error', () => undefined).resume();
      socket.on('close', () => {
        clearInterval(drip);
        resolve();
      });
    });

  // Without the limits Node waits for minutes, and the test for one.
  it('hangs up on a head that comes letter by letter', async () => {
    await hangsUpOn([...`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(5000)}`]);
  });

  it('hangs up on a body that was promised and does not come', async () => {
    await hangsUpOn(['POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n']);
  });
});
