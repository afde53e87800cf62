import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import mqtt from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readable } from '../../web/state/readable.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { chromiumPath, launchBrowser } from '../support/browser.ts';
import { buildConsole, type ConsolePage, openConsole, signIn } from '../support/console/page.ts';
import { FINDINGS, POLYGLOTS, TRAP } from '../support/polyglots.ts';
import { postgresBin } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

const chromium = chromiumPath();
const PASSWORD = 'thuyền-nhỏ.ra-khơi-8';
const CODES = Object.values(POLYGLOTS);
/** A browser on a slow machine beside other work; nothing here says how fast anything should be. */
const SLOW_MS = 300_000;
const PLACE: [number, number] = [105.44, 9.203];
const HIDDEN = 'Trạm \u202egnad iảH\u202c \u200bKK\u0007';
const LONG = 'Trạm-dài-không-có-chỗ-ngắt-'.repeat(8).slice(0, 200);
const NAMES = [...CODES, HIDDEN, LONG];

interface Credential {
  username: string;
  password: string;
  topic: string;
}

describe.skipIf(!chromium || !postgresBin())('names and texts that are code (needs Chromium)', () => {
  let app: TestApp;
  let browser: Browser;
  let opened: ConsolePage;
  let page: Page;
  const dialogs: string[] = [];

  const admin = async (method: string, path: string, body?: unknown) => {
    const answer = await app.call(method, path, {
      token: app.token,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  /** One thing of every kind per text, by every way that texts come in. */
  const fill = async () => {
    await admin('POST', '/areas', {
      type: 'FeatureCollection',
      features: CODES.map((name, n) => square(String(90_000 + n), name, n)),
    });
    for (const [n, name] of NAMES.entries()) {
      const at: [number, number] = [PLACE[0] + n / 2000, PLACE[1]];
      const { credential } = await admin('POST', '/devices', {
        id: `doc-${n}`,
        name,
        type: 'air-quality',
        domain: 'environment',
        position: at,
        ownerAgency: name,
        properties: { [name]: name, ghi_chu: name },
      });
      await admin('POST', '/cameras', {
        id: `cam-${n}`,
        name,
        position: at,
        headingDeg: 90,
        fovDeg: 60,
        rangeM: 500,
        ownerAgency: name,
        source: { kind: 'rtsp', url: `rtsp://127.0.0.1:9/${encodeURI(name).replaceAll(/[#\s]/g, '')}` },
      });
      const tracker = await admin('POST', '/devices', { id: `gps-${n}`, name, type: 'gps-tracker' });
      await admin('POST', '/units', {
        id: `to-${n}`,
        name,
        callSign: name.slice(0, 16),
        kind: 'environment',
        agency: name,
        trackerDeviceId: `gps-${n}`,
      });
      await ingest(tracker.credential, { position: at, speed: 10 });
      const rule = await admin('POST', '/rules', {
        id: `quy-tac-${n}`,
        kind: 'threshold',
        name,
        domain: 'environment',
        severity: 'critical',
        params: { quantity: 'pm25', above: 150 },
        appliesTo: { devices: [`doc-${n}`] },
      });
      await admin('POST', `/rules/${rule.id}/activate`);
      await ingest(credential, { values: { pm25: 168.2 } });
      if (n === 0) await publishAll(credential);
      await admin('POST', '/users', {
        username: `nguoi-${n}`,
        displayName: name.slice(0, 128),
        password: PASSWORD,
        grants: [{ role: 'operator' }],
      });
    }
    const alerts = await until('all alarms', async () => {
      const { items } = await admin('GET', '/alerts?state=open&limit=100');
      return items.length >= NAMES.length && (items as { id: number }[]);
    });
    for (const [n, code] of CODES.entries()) {
      const alertId = alerts[n]?.id;
      await admin('POST', `/alerts/${alertId}/comment`, { text: code });
      await admin('POST', '/dispatches', { alertId, unitId: `to-${n}`, note: code });
    }
    await admin('PATCH', `/units/to-${CODES.length}/status`, { status: 'out_of_service', reason: CODES[2] });
  };

  const ingest = async (credential: Credential, body: unknown) => {
    const answer = await fetch(`${app.url}/api/v1/ingest/${credential.username}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`ingest ${credential.username}: ${answer.status} ${await answer.text()}`);
  };

  /** What nobody can store is kept as it came, and shown: names of quantities, texts for numbers, foreign topics. */
  const publishAll = async (credential: Credential) => {
    const link = () =>
      mqtt.connectAsync({
        host: '127.0.0.1',
        port: app.app.control.mqttPort ?? 0,
        username: credential.username,
        password: credential.password,
        protocolVersion: 4,
        reconnectPeriod: 0,
      });
    const client = await link();
    for (const code of CODES) {
      await client.publishAsync(credential.topic, JSON.stringify({ values: { [code]: code } }), { qos: 1 });
      await client.publishAsync(credential.topic, code, { qos: 1 });
    }
    await client.endAsync();
    for (const code of CODES.slice(0, 3)) {
      const stranger = await link();
      const hungUp = new Promise<void>((resolve) => stranger.once('close', () => resolve()));
      stranger.publish(`ioc/v1/main/${code.replaceAll(/[+#]/g, '')}/up`, '{}', { qos: 0 });
      await hungUp;
      await stranger.endAsync(true);
    }
  };

  const findings = async (): Promise<string[]> => [...(await page.evaluate<string[]>(FINDINGS)), ...dialogs];
  const open = async (path: string) => {
    await page.goto(app.url + path);
    await page.getByRole('banner').waitFor();
    await page.waitForLoadState('networkidle');
  };

  beforeAll(async () => {
    buildConsole();
    app = await startTestApp({ roles: ['api', 'ingest', 'streams'] });
    await admin('POST', '/users', {
      username: 'linh.tran',
      displayName: POLYGLOTS.image,
      password: PASSWORD,
      grants: [{ role: 'admin' }],
    });
    await fill();
    browser = await launchBrowser(chromium ?? '');
    opened = await openConsole(browser, 'about:blank');
    await opened.context.addInitScript(TRAP);
    page = opened.page;
    page.on('dialog', (dialog) => {
      dialogs.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(app.url);
    await signIn(page, 'linh.tran', PASSWORD);
  }, SLOW_MS);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('are caught by the trap, so that the tests below have teeth', async () => {
    await page.evaluate('alert(1); document.body.append(document.createElement("x-polyglot"))');
    expect(await findings()).toHaveLength(2);
    // The page's own policy refuses to make markup or script of any text.
    const refused = `try { document.body.innerHTML = ${JSON.stringify(POLYGLOTS.image)}; 'taken' } catch (error) { error.name }`;
    expect(await page.evaluate(refused)).toBe('TypeError');
    const script = `try { const s = document.createElement('script'); s.src = 'data:,alert(1)'; 'taken' } catch (error) { error.name }`;
    expect(await page.evaluate(script)).toBe('TypeError');
  });

  it('run on no page of the console, in no list and no panel', { timeout: SLOW_MS }, async () => {
    await open('/');
    const pages = await page.evaluate<string[]>(
      "[...document.querySelectorAll('nav a[href]')].map((link) => link.getAttribute('href'))",
    );
    expect(pages.length).toBeGreaterThanOrEqual(8);
    const wrong: string[] = [];
    for (const path of pages) {
      await open(path);
      // The first rows, opened one by one: what unfolds may hold more than the row.
      for (const row of (await page.locator('tbody tr, [role=row]').all()).slice(1, 4)) {
        await row.click({ timeout: 2000 }).catch(() => undefined);
        await page.mouse.move(300, 300);
      }
      wrong.push(...(await findings()).map((finding) => `${path}: ${finding}`));
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['device', (n: number) => `doc-${n}`],
    ['camera', (n: number) => `cam-${n}`],
    ['unit', (n: number) => `to-${n}`],
  ] as const)(
    'run in no detail of any %s',
    async (kind, idOf) => {
      await walk(
        kind,
        CODES.map((name, n) => ({ id: idOf(n), name })),
      );
    },
    SLOW_MS,
  );

  it(
    'run in no detail of any alarm or area',
    async () => {
      const areas = (await admin('GET', '/areas?limit=100')).items as { id: string; name: string }[];
      expect(areas.length).toBeGreaterThanOrEqual(CODES.length);
      await walk('area', areas);
      const alerts = (await admin('GET', '/alerts?limit=100')).items as { id: number; title: string }[];
      expect(alerts.length).toBeGreaterThanOrEqual(CODES.length);
      await walk(
        'alert',
        alerts.map(({ id, title }) => ({ id, name: title })),
      );
    },
    SLOW_MS,
  );

  /** Selects one thing after the other, as a person walks; a load of the whole page per thing would take minutes. */
  const walk = async (kind: string, things: readonly { id: string | number; name: string }[]) => {
    const wrong: string[] = [];
    await open('/');
    for (const { id, name } of things) {
      await page.evaluate(
        `history.pushState(null, '', '/?${kind}=${id}'); dispatchEvent(new PopStateEvent('popstate'))`,
      );
      const title = page.locator('aside h2').first();
      await until(`${kind} ${id} by its name`, async () =>
        (await title.textContent())?.includes(readable(name)),
      );
      wrong.push(...(await findings()).map((finding) => `${kind} ${id}: ${finding}`));
    }
    expect(wrong).toEqual([]);
  };

  it(
    'run in no search, and not in the menu of the person who is called so',
    async () => {
      await open('/');
      await page.keyboard.press('Control+k');
      const field = page.getByRole('combobox');
      for (const code of [...CODES, 'alert']) {
        const asked = page.waitForResponse((response) => response.url().includes('/api/v1/search?'));
        await field.fill(code.replaceAll(/[\u2028\u2029\f]/g, ' ').slice(0, 60));
        expect((await asked).status()).toBe(200);
      }
      await page.getByRole('option').first().waitFor();
      expect(await findings()).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.locator('header button').last().click();
      await page.getByRole('menu').waitFor();
      expect(await findings()).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'come from no address either: not from the query, the hash or the path, and none leads elsewhere',
    async () => {
      for (const code of CODES.filter((_, n) => n % 3 === 1)) {
        const part = encodeURIComponent(code);
        await open(`/?device=${part}&next=${part}&redirect=${part}#${part}`);
        const path = part.slice(0, 80).replaceAll('.', '%2e').replaceAll('%2F', '-');
        await page.evaluate(
          `history.pushState(null, '', ${JSON.stringify(`/${path}`)}); dispatchEvent(new PopStateEvent('popstate'))`,
        );
        await page.getByRole('banner').waitFor();
      }
      expect(await findings()).toEqual([]);
      for (const next of [
        '//evil.example',
        'https://evil.example',
        '/\\evil.example',
        'javascript:alert(1)',
      ]) {
        await open(`/?next=${encodeURIComponent(next)}&redirect=${encodeURIComponent(next)}`);
        expect(new URL(page.url()).host).toBe(new URL(app.url).host);
      }
      expect(await findings()).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'that hide or turn letters are shown with what they hide, and long ones within their place',
    async () => {
      await open(`/?device=doc-${CODES.length}`);
      await page
        .getByRole('heading', { name: /Trạm ‹U\+202E›gnad iảH‹U\+202C› ‹U\+200B›KK‹U\+0007›/ })
        .waitFor();
      for (const path of [
        `/?device=doc-${CODES.length + 1}`,
        '/devices',
        '/cameras',
        '/units',
        '/alarms',
        '/users',
      ]) {
        await open(path);
        const [wide, shown, hidden] = await page.evaluate<[number, number, boolean]>(
          '[document.documentElement.scrollWidth, innerWidth, /[\\u202a-\\u202e\\u200b\\u0007]/.test(document.body.innerText)]',
        );
        expect([path, wide <= shown, hidden]).toEqual([path, true, false]);
      }
    },
    SLOW_MS,
  );

  it(
    'cannot be shown, sent or opened by the page of somebody else',
    async () => {
      const foreign = await foreignPage(app.url);
      const outside = await opened.context.newPage();
      const refused = outside.waitForEvent('requestfailed', (request) => request.url() === `${app.url}/`);
      await outside.goto(foreign.url);
      // The console in a frame, to lead somebody's clicks.
      expect((await refused).failure()?.errorText).toBe('net::ERR_BLOCKED_BY_RESPONSE');
      // A form that the browser sends with the cookie of the person who looks at it.
      for (const form of ['logout', 'login']) {
        const answered = outside.waitForEvent('response', (response) =>
          response.url().endsWith(`/auth/${form}`),
        );
        await outside.locator(`#${form} button`).click();
        expect((await answered).status()).toBe(403);
        await outside.goto(foreign.url);
      }
      // Reading by a script: no header allows it.
      expect(await outside.evaluate<string>(READ_ACROSS(app.url))).toBe('TypeError');
      // A window that it has opened is none of its business: not the console, and not from the console back.
      const popup = outside.waitForEvent('popup');
      await outside.locator('#open').click();
      await (await popup).waitForLoadState();
      expect(await outside.evaluate<boolean>('opened.closed')).toBe(true);
      await outside.close();
      await foreign.close();
      // The person is still signed in.
      await open('/');
      const link = page.locator('a[target=_blank]');
      await page.locator('header button').last().click();
      expect(
        await link.evaluateAll(
          (links) => links.filter((a) => !/noreferrer|noopener/.test(a.getAttribute('rel') ?? '')).length,
        ),
      ).toBe(0);
    },
    SLOW_MS,
  );
});

const READ_ACROSS = (url: string) =>
  `fetch('${url}/api/v1/centre').then(() => 'read', (error) => error.name)`;

/** A page of another origin, with everything on it that such a page may try. */
async function foreignPage(target: string): Promise<{ url: string; close(): Promise<void> }> {
  const html = `<!doctype html><iframe src="${target}/"></iframe>
    <form id="logout" method="post" action="${target}/api/v1/auth/logout"><button>1</button></form>
    <form id="login" method="post" enctype="text/plain" action="${target}/api/v1/auth/login">
      <input name='{"username":"linh.tran","password":"x","a":"' value='"}'><button>2</button></form>
    <button id="open" onclick="opened = window.open('${target}/')">3</button>`;
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function square(code: string, name: string, n: number) {
  const [west, south] = [105 + n / 100, 9];
  const ring = [
    [west, south],
    [west + 0.009, south],
    [west + 0.009, south + 0.5],
    [west, south + 0.5],
    [west, south],
  ];
  return {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { code, name, level: n === 0 ? 'province' : 'commune', fullName: name, nameEn: name },
  };
}
