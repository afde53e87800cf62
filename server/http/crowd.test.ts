import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it } from 'vitest';
import { testLogger } from '../../test/support/logger.ts';
import { refuseCrowds } from './crowd.ts';
import { problemHandler } from './problem.ts';

it('lets a few in at once, refuses the others before their body is read, and has room again afterwards', async () => {
  const app = express();
  const waiting: (() => void)[] = [];
  let parsed = 0;
  app.use(refuseCrowds(3, 5));
  app.use((_req, res) => {
    parsed++;
    waiting.push(() => res.end('in'));
  });
  app.use(problemHandler(testLogger()));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async () => (await fetch(url, { method: 'POST', body: 'x'.repeat(1000) })).status;

  const first = [ask(), ask(), ask()];
  await expect.poll(() => waiting.length, { timeout: 30_000 }).toBe(3);
  expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array(20).fill(429));
  expect(parsed).toBe(3);
  for (const answer of waiting.splice(0)) answer();
  expect(await Promise.all(first)).toEqual([200, 200, 200]);
  const next = ask();
  await expect.poll(() => waiting.length, { timeout: 30_000 }).toBe(1);
  waiting[0]?.();
  expect(await next).toBe(200);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
