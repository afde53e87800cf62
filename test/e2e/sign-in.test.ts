import jsQR from 'jsqr';
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.ts';
import { chromiumPath, launchBrowser } from '../support/browser.ts';
import { buildConsole, type ConsolePage, openConsole } from '../support/console/page.ts';

const chromium = chromiumPath();
const OWN_PASSWORD = 'Cầu-tre.lắc-lẻo-53';
const STEP_S = 30;

/** The door as people meet it, with a real authenticator of the browser and a real code from a real picture. */
describe.skipIf(!chromium)('signing in, in a browser (needs Chromium)', () => {
  let app: TestApp;
  let browser: Browser;
  /** Passkeys are bound to a host name: by its bare address the centre offers none. */
  let home: string;
  const open: ConsolePage[] = [];

  beforeAll(async () => {
    buildConsole();
    app = await startTestApp({
      signIn: { secondFactorRoles: 'admin', changeIssuedPasswords: 'true', acceptTerms: 'true' },
    });
    home = app.url.replace('127.0.0.1', 'localhost');
    browser = await launchBrowser(chromium ?? '');
  }, 180_000);
  afterAll(async () => {
    for (const { context } of open) await context.close();
    await browser?.close();
    await app?.close();
  });

  const show = async (): Promise<ConsolePage> => {
    const opened = await openConsole(browser, home, { language: 'en' });
    opened.page.setDefaultTimeout(60_000);
    open.push(opened);
    return opened;
  };
  const person = async (username: string, role: string): Promise<string> => {
    const body = { username, displayName: `Người ${username}`, grants: [{ role }] };
    const answer = await app.call('POST', '/users', { token: app.token, body });
    expect(answer.status).toBe(201);
    return answer.body.password;
  };
  const fill = async (page: Page, username: string, password: string) => {
    await page.fill('input[name=username]', username);
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
  };
  const changePassword = async (page: Page, current: string) => {
    await page.getByText('Choose a password of your own').waitFor();
    await page.getByLabel('Current password', { exact: true }).fill(current);
    await page.getByLabel('New password', { exact: true }).fill(OWN_PASSWORD);
    await page.keyboard.press('Enter');
  };
  const acceptTerms = (page: Page) => page.getByRole('button', { name: 'I have read this' }).click();
  const inside = (page: Page) => page.getByRole('banner').waitFor();

  it('leads an administrator through factor, password and terms, and asks for the code from then on', async () => {
    const password = await person('quan.tri', 'admin');
    const { page, problems } = await show();
    await fill(page, 'quan.tri', password);
    await page.getByRole('button', { name: 'Authenticator app on the phone' }).click();
    const secret = await scan(page);
    let lastStep = Math.floor(Date.now() / 1000 / STEP_S);
    /** A code that was not used yet: of this half minute, or of the next, which is taken too. */
    const nextCode = () => {
      lastStep = Math.max(lastStep + 1, Math.floor(Date.now() / 1000 / STEP_S));
      return generateSync({ secret, epoch: lastStep * STEP_S });
    };
    await page.fill('input[name=one-time-code]', generateSync({ secret, epoch: lastStep * STEP_S }));
    await page.keyboard.press('Enter');
    await page.getByText('Recovery codes are for when').waitFor();
    expect(await page.locator('ol li').count()).toBe(10);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await changePassword(page, password);
    await acceptTerms(page);
    await inside(page);

    // Anew, in another browser: password, then code.
    const second = await show();
    await fill(second.page, 'quan.tri', OWN_PASSWORD);
    await second.page.fill('input[name=one-time-code]', '000000');
    await second.page.keyboard.press('Enter');
    await second.page.getByRole('alert').getByText('Wrong or used code').waitFor();
    await second.page.fill('input[name=one-time-code]', nextCode());
    await second.page.keyboard.press('Enter');
    await inside(second.page);

    // The first session is seen from the second, and ended there.
    await second.page.getByRole('button', { name: /Người quan.tri/ }).click();
    await second.page.getByRole('menuitem', { name: 'My account' }).click();
    const sessions = second.page.getByRole('table', { name: 'Where you are signed in' });
    await sessions.getByText('this session').waitFor();
    expect(await sessions.getByRole('row').count()).toBe(3);
    await sessions.getByRole('button', { name: 'End' }).click();
    await page.getByText('Please sign in again').waitFor();
    expect([...problems, ...second.problems]).toEqual([]);
  });

  it('registers a passkey and signs in with it alone, without name or password', async () => {
    const password = await person('truc.ca', 'operator');
    const { page, context, problems } = await show();
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await fill(page, 'truc.ca', password);
    await changePassword(page, password);
    await acceptTerms(page);
    await inside(page);
    await page.goto(`${home}/account`);
    const guards = page.getByRole('region', { name: 'How the account is guarded' });
    await guards.getByRole('button', { name: 'Add', exact: true }).last().click();
    await page.getByLabel('Name of the passkey').fill('Máy trực ca 2');
    await page.keyboard.press('Enter');
    await page.getByText('Recovery codes are for when').waitFor();
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await guards.getByText('Máy trực ca 2').waitFor();
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials.map(({ rpId }) => rpId)).toEqual(['localhost']);

    await page.getByRole('button', { name: /Người truc.ca/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await inside(page);

    // A key that could not verify its person is a thing somebody has found: it opens nothing by itself.
    await page.getByRole('button', { name: /Người truc.ca/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page
      .getByRole('button', { name: 'Sign in with a passkey' })
      .and(page.locator(':enabled'))
      .waitFor();
    expect(await page.getByRole('banner').count()).toBe(0);

    // Beside the password it is the second factor.
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await fill(page, 'truc.ca', OWN_PASSWORD);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await inside(page);
    expect(problems).toEqual([]);
  });

  it('locks the screen by hand, and opens it by the password to where one was', async () => {
    const password = await person('khoa.may', 'viewer');
    const { page, problems } = await show();
    await fill(page, 'khoa.may', password);
    await changePassword(page, password);
    await acceptTerms(page);
    await inside(page);
    await page.getByRole('button', { name: /Người khoa.may/ }).click();
    await page.getByRole('menuitem', { name: 'Lock the screen' }).click();
    await page.getByText('The screen is locked').waitFor();
    expect(await page.getByRole('banner').count()).toBe(0);
    await page.reload();
    await page.getByText('The screen is locked').waitFor();
    await page.fill('input[name=password]', 'wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.fill('input[name=password]', OWN_PASSWORD);
    await page.keyboard.press('Enter');
    await inside(page);
    expect(problems).toEqual([]);
  });
});

/** Reads the QR code off the screen, as a telephone would; resolves to the secret in it. */
async function scan(page: Page): Promise<string> {
  const picture = page.getByRole('img', { name: 'QR code for the authenticator app' });
  await picture.waitFor();
  const { data, info } = await sharp(await picture.screenshot())
    .resize({ width: 800, kernel: 'nearest' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const read = (jsQR as unknown as typeof jsQR.default)(new Uint8ClampedArray(data), info.width, info.height);
  const uri = new URL(read?.data ?? '');
  expect(uri.protocol).toBe('otpauth:');
  return uri.searchParams.get('secret') ?? '';
}
