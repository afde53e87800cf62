import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { chromiumPath, launchBrowser } from '../../test/support/browser.ts';
import { route } from './route.ts';

const chromium = chromiumPath();

describe.skipIf(!chromium)('the pages of the API, in Chromium', () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    const thing = route({
      method: 'get',
      path: '/things/:id',
      summary: 'Một vật <img src=x onerror=alert(1)>',
      tag: 'things',
      access: 'public',
      params: z.object({ id: z.string() }),
      response: z.object({ id: z.string() }).meta({ id: 'Thing' }),
      handler: async ({ params }) => params,
    });
    api = await startApi([thing], { authenticate: () => Promise.reject(new Error('nobody')) });
    browser = await launchBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  it('are drawn from our own files, try a route, break no policy and ask nobody outside', async () => {
    const page = await browser.newPage();
    const asked = new Set<string>();
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) asked.add(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    // In the words of the page: what it breaks of its policy goes to its console.
    await page.addInitScript({
      content: `document.addEventListener('securitypolicyviolation', (violation) =>
        console.error('policy: ' + violation.violatedDirective + ' ' + violation.blockedURI));`,
    });
    await page.goto(`${api.url}/api/docs`);
    await page.getByRole('heading', { name: /Hải Đăng/ }).waitFor();
    await page.getByText('/things/{id}').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByPlaceholder('id').fill('cua-bien');
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('"cua-bien"').first().waitFor();

    expect(complaints).toEqual([]);
    expect([...asked].filter((url) => !url.startsWith(`${api.url}/`))).toEqual([]);
    expect(asked).toContain(`${api.url}/api/v1/openapi.json`);
    expect(asked).toContain(`${api.url}/api/v1/things/cua-bien`);
    await page.close();
  });

  it('do not take their description from the address', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(
      `${api.url}/api/docs?url=https://evil.example/openapi.json&configUrl=https://evil.example/c`,
    );
    await page.getByRole('heading', { name: /Hải Đăng/ }).waitFor();
    expect(asked.filter((url) => new URL(url).hostname === 'evil.example')).toEqual([]);
    await page.close();
  });
});
