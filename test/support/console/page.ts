import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds the console unless what is built is from these very sources. */
export function buildConsole(): void {
  const script = "import('./tools/setup.mjs').then((setup) => setup.ensureConsole())";
  execFileSync(process.execPath, ['-e', script], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

export interface Look {
  theme?: 'dark' | 'light';
  language?: 'vi' | 'en';
  width?: number;
  height?: number;
}

export interface ConsolePage {
  page: Page;
  context: BrowserContext;
  /** What a page should never do: break the content policy, throw, or ask anybody but its own server. */
  problems: string[];
}

/** A fresh browser profile on the console's first page, watched from the first request. */
export async function openConsole(browser: Browser, url: string, look: Look = {}): Promise<ConsolePage> {
  const { theme = 'dark', language = 'vi', width = 1366, height = 768 } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: 'Asia/Ho_Chi_Minh',
    reducedMotion: 'reduce',
  });
  const problems: string[] = [];
  const settings = JSON.stringify(JSON.stringify({ theme, language }));
  // Settings only where nobody has chosen yet: a reload must find what was chosen before.
  await context.addInitScript(`
    if (!localStorage.getItem('haidang.ui')) localStorage.setItem('haidang.ui', ${settings});
    addEventListener('securitypolicyviolation', (event) => {
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile);
    });
  `);
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`threw: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (/^policy: |Content Security Policy/.test(text)) problems.push(text);
  });
  page.on('request', (request) => {
    const at = new URL(request.url());
    if (!['data:', 'blob:'].includes(at.protocol) && at.host !== new URL(url).host)
      problems.push(`asked outside: ${request.url()}`);
  });
  await page.goto(url);
  return { page, context, problems };
}

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.getByRole('banner').waitFor();
}
