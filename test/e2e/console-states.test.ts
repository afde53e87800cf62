import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { chromiumPath, launchBrowser } from '../support/browser.ts';
import { buildConsole, type ConsolePage, type Look, openConsole, signIn } from '../support/console/page.ts';
import { type ConsoleServer, startConsoleServer } from '../support/console/server.ts';

const chromium = chromiumPath();

/** Every page and every state of the console, over an invented world that can be made to fail. */
describe.skipIf(!chromium)('the console in all its states (needs Chromium)', () => {
  let server: ConsoleServer;
  let browser: Browser;

  beforeAll(async () => {
    buildConsole();
    server = await startConsoleServer();
    browser = await launchBrowser(chromium ?? '');
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  // A page that stays open goes on drawing its map, and the next test would meet a busy machine.
  const open: ConsolePage[] = [];
  afterEach(async () => {
    for (const { context } of open.splice(0)) await context.close();
  });
  const show = async (path: string, look: Look = {}): Promise<ConsolePage> => {
    const opened = await openConsole(browser, server.url + path, look);
    open.push(opened);
    return opened;
  };
  const visit = async (path: string, look: Look = {}): Promise<ConsolePage> => {
    const opened = await show(path, look);
    await signIn(opened.page, 'linh.tran', 'x');
    return opened;
  };

  /** What axe finds, without the map's canvas, which has nothing to read. */
  const faults = async ({ page }: ConsolePage): Promise<string[]> => {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .exclude('.ol-viewport')
      .analyze();
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')} ${node.html}`),
    );
  };

  describe.each([
    { theme: 'dark', language: 'vi' },
    { theme: 'light', language: 'en' },
  ] as const)('in $theme, $language', (look) => {
    it.each([
      '/?alert=101',
      '/?device=air-quality-02',
      '/?unit=m7',
      '/?area=area-M0',
      '/alarms',
      '/units',
      '/cameras?camera=cam-12',
      '/devices',
      '/quarantine',
      '/users',
      '/audit',
      '/activity',
      '/system',
    ])('%s can be read and used by everybody', async (path) => {
      server.role = 'admin';
      const opened = await visit(path, look);
      await opened.page.waitForLoadState('networkidle');
      expect(await faults(opened)).toEqual([]);
      expect(opened.problems).toEqual([]);
    });

    it('the sign-in page, too', async () => {
      const opened = await openConsole(browser, server.url, look);
      await opened.page
        .getByRole('button', { name: look.language === 'vi' ? 'Đăng nhập' : 'Sign in' })
        .waitFor();
      expect(await faults(opened)).toEqual([]);
    });
  });

  it('walks the list and works an alarm with the keyboard alone', async () => {
    server.role = 'operator';
    const { page } = await visit('/');
    const title = () => page.locator('aside h2').first().textContent();
    await page.getByText('PM2,5 vượt ngưỡng 3 giờ').first().waitFor();
    await page.keyboard.press('j');
    const first = await title();
    await page.keyboard.press('j');
    expect(await title()).not.toBe(first);
    await page.keyboard.press('k');
    expect(await title()).toBe(first);
    await page.keyboard.press('c');
    await page.keyboard.type('Đã gọi tổ trực');
    await page.keyboard.press('Enter');
    await page.locator('q', { hasText: 'Đã gọi tổ trực' }).waitFor();
    await page.keyboard.press('r');
    // Letters of the reason are letters, not commands.
    await page.keyboard.type('jad');
    expect(await title()).toBe(first);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Đến lực lượng đầu tiên').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await title()).toBe(first);
    await page.keyboard.press('Escape');
    await page.locator('aside h2').first().waitFor({ state: 'detached' });
  });

  it('shows an alarm that is raised before its eyes, and pulses only the critical', async () => {
    server.role = 'operator';
    const { page } = await visit('/');
    await page.getByText('PM2,5 vượt ngưỡng 3 giờ').first().waitFor();
    server.raise({
      title: 'Mực nước vượt báo động 3',
      severity: 'critical',
      domain: 'environment',
      deviceId: 'water-level-05',
      quantity: 'water_level',
      value: 3.1,
      limit: 3,
      minutesAgo: 0,
      vi: 'Mực nước = 3,10 m > 3',
      en: 'Water level = 3.10 m > 3',
    });
    const row = page.getByRole('tabpanel').getByRole('button', { name: /Mực nước vượt báo động 3/ });
    await row.waitFor({ timeout: 2000 });
    expect(await row.getAttribute('class')).toMatch(/arrived/);
  });

  it('says that the server is gone, greys what is no longer live, and comes back by itself', async () => {
    server.role = 'operator';
    const { page } = await visit('/');
    await page.getByText('PM2,5 vượt ngưỡng 3 giờ').first().waitFor();
    await server.vanish();
    // Within three seconds of silence, on the clock of web/state/live.test.ts.
    const banner = page.getByRole('alert').filter({ hasText: 'Mất kết nối với máy chủ.' });
    await banner.waitFor();
    // With the age of what is shown, and without its colours.
    await banner
      .getByText(/trước|giây|phút/)
      .first()
      .waitFor();
    expect(await page.locator('[data-link=offline]').count()).toBe(1);
    expect(await page.getByText('PM2,5 vượt ngưỡng 3 giờ').first().isVisible()).toBe(true);
    await server.resume();
    await page.getByText('Mất kết nối với máy chủ.').waitFor({ state: 'detached', timeout: 30_000 });
  });

  it('names what went wrong, its code and the way on', async () => {
    server.role = 'operator';
    server.fail('/api/v1/alerts', new AppError('db.unavailable'));
    const { page } = await visit('/');
    const note = page.getByRole('tabpanel').getByRole('alert');
    await note.getByText('Cơ sở dữ liệu không sẵn sàng').waitFor();
    await note.getByText('db.unavailable').waitFor();
    server.fail('/api/v1/alerts', null);
    await note.getByRole('button', { name: 'Thử lại' }).click();
    await page.getByText('PM2,5 vượt ngưỡng 3 giờ').first().waitFor();
  });

  it('shows a refused act beside the button that asked for it', async () => {
    server.role = 'operator';
    const { page } = await visit('/?alert=103');
    await page.getByRole('heading', { name: 'Độ mặn tăng nhanh' }).waitFor();
    server.fail('/api/v1/alerts/103/acknowledge', new AppError('alert.illegal_transition'));
    await page.keyboard.press('a');
    await page.getByText('alert.illegal_transition').waitFor();
    server.fail('/api/v1/alerts/103/acknowledge', null);
  });

  it('offers a viewer nothing that would be refused, and says who can give more', async () => {
    server.role = 'viewer';
    const { page } = await visit('/?alert=102');
    await page.getByText('Chỉ được xem. Quyền xử lý do quản trị viên cấp.').waitFor();
    expect(await page.locator('button[data-dispatch]').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Tài khoản' }).count()).toBe(0);
    await page.goto(`${server.url}/users`);
    await page.getByText('users.read').waitFor();
  });

  it('gives an integrator, who has no alarms, the pages of the trade', async () => {
    server.role = 'integrator';
    const { page } = await visit('/quarantine');
    await page.getByText('time.future').click();
    await page.getByText('2036-11-22').waitFor();
    await page.getByRole('button', { name: 'Phát lại' }).click();
    await page.getByRole('cell', { name: /time\.future \d\d\/\d\d/ }).waitFor();
  });

  it('leaves in all tabs at once', async () => {
    server.role = 'operator';
    const { page, context } = await visit('/');
    const other = await context.newPage();
    await other.goto(server.url);
    await other.getByRole('banner').waitFor();
    await page.getByRole('button', { name: /^Tài khoản/ }).click();
    await page.getByRole('menuitem', { name: 'Đăng xuất' }).click();
    await page.getByRole('button', { name: 'Đăng nhập' }).waitFor();
    await other.getByRole('button', { name: 'Đăng nhập' }).waitFor();
  });
});
