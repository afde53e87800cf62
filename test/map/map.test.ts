import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from '../support/browser.ts';
import { until } from '../support/wait.ts';
import { type Harness, startHarness } from './harness.ts';

/** What the page offers to a test: the real stores and the real map. */
interface Inside {
  harness: {
    crowd: {
      alerts: { id: number; title: string; severity: string; state: string; position: [number, number] }[];
    };
    raise(id: number): void;
    select(selected: { kind: string; id: number | string } | null): void;
    stores: {
      useUi: Store<{ layers: Record<string, boolean>; theme: string; viewport: { bbox: number[] } | null }>;
      useAlerts: { put(rows: unknown[]): void };
      useSelection: Store<{ selected: { kind: string; id: unknown } | null }>;
    };
    engine?: { map: OlMap; ground: OlMap };
  };
}
interface Store<S> {
  getState(): S;
  setState(state: Partial<S>): void;
}
interface OlMap {
  getLayers(): { getArray(): { getZIndex(): number; getSource(): { getFeatures(): Feature[] } | null }[] };
  getPixelFromCoordinate(at: number[]): [number, number];
  forEachFeatureAtPixel(
    pixel: number[],
    visit: (feature: Feature) => void,
    options: { hitTolerance: number },
  ): void;
  getView(): { getCenter(): number[]; getZoom(): number; getAnimating(): boolean };
  on(event: string, listener: () => void): void;
}
interface Feature {
  getId(): unknown;
  get(key: string): unknown;
  getGeometry(): { getCoordinates(): number[]; getExtent(): number[] };
}

// Functions given to the page run there; this is all of its world that they use.
declare const window: Inside & { seen: { frames: number } };
declare const document: { querySelector(selector: string): unknown };
declare const WebGLRenderingContext: { prototype: { getParameter(name: number): unknown } };
declare function requestAnimationFrame(work: (timeMs: number) => void): number;

/** Where their names stand when the whole is in view. */
const HOANG_SA = [112.1, 16.15] as const;
const TRUONG_SA = [114.2, 9.2] as const;

const chromium = chromiumPath();

describe.skipIf(!chromium)('the map in Chromium', () => {
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    harness = await startHarness();
    browser = await launchBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await harness?.close();
  });
  afterEach(async () => {
    await page?.close();
    expect(complaints.splice(0)).toEqual([]);
    expect(strangers.splice(0)).toEqual([]);
  });

  const open = async (
    view: string,
    query = 'tick=0',
    reducedMotion: 'reduce' | 'no-preference' = 'reduce',
    before?: () => void,
  ) => {
    page = await browser.newPage({ viewport: { width: 1366, height: 768 }, reducedMotion });
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !text.includes('favicon')) complaints.push(text);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const address = request.url();
      if (!address.startsWith(new URL(harness.url).origin) && !/^(data|blob):/.test(address))
        strangers.push(address);
    });
    if (before) await page.addInitScript(before);
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    await page.goto(`${harness.url}?${query}#map=${view}`);
    await until('the map with its ground', () =>
      page.evaluate(() => {
        const { engine } = window.harness ?? {};
        const ready = (map: OlMap | undefined) =>
          map
            ?.getLayers()
            .getArray()
            .some((layer) => (layer.getSource()?.getFeatures?.().length ?? 0) > 0);
        return ready(engine?.map) && ready(engine?.ground) && document.querySelector('canvas') !== null;
      }),
    );
  };
  /** Features really drawn on the live picture under a place, in the order they are met. */
  const drawnAt = (lon: number, lat: number) =>
    page.evaluate(
      ([x, y]) => {
        const { engine } = window.harness;
        const met: string[] = [];
        if (!engine || x === undefined || y === undefined) return met;
        const pixel = engine.map.getPixelFromCoordinate([
          (x * 20037508.342789244) / 180,
          (Math.log(Math.tan(((90 + y) * Math.PI) / 360)) / (Math.PI / 180)) * (20037508.342789244 / 180),
        ]);
        engine.map.forEachFeatureAtPixel(pixel, (feature) => void met.push(String(feature.get('name'))), {
          hitTolerance: 3,
        });
        return met;
      },
      [lon, lat],
    );
  const pixelOfAlert = (id: number) =>
    page.evaluate((wanted) => {
      const { engine } = window.harness;
      for (const layer of engine?.map.getLayers().getArray() ?? []) {
        const feature = layer
          .getSource()
          ?.getFeatures?.()
          .find((f) => f.getId() === wanted && f.get('alert'));
        if (!feature || !engine) continue;
        const [x = 0, y = 0] = engine.map.getPixelFromCoordinate(feature.getGeometry().getCoordinates());
        const dx = Number(feature.get('dx'));
        return { dx, x: x + dx, y: y + Number(feature.get('dy')) };
      }
      return null;
    }, id);
  const selected = () => page.evaluate(() => window.harness.stores.useSelection.getState().selected);

  it.each([
    { what: 'the whole country', view: '5.4/14.5/110', places: [HOANG_SA, TRUONG_SA] },
    { what: 'the sea alone', view: '6.5/12.5/113', places: [HOANG_SA, TRUONG_SA] },
    { what: 'one archipelago', view: '8/16.3/112', places: [HOANG_SA] },
  ])('names Hoàng Sa and Trường Sa on $what', async ({ view, places }) => {
    await open(view);
    for (const [lon, lat] of places) {
      await until(`a name at ${lon} ${lat}`, async () =>
        (await drawnAt(lon, lat)).some((name) => /^Quần đảo (Hoàng|Trường) Sa \(Việt Nam\)$/.test(name)),
      );
    }
  });

  it('names an archipelago in the middle of what one sees of it, and with every layer off', async () => {
    await open('11.5/9.0/113.0', 'tick=0&theme=light');
    await page.evaluate(() => {
      const off = ['names', 'graticule', 'roads', 'areas', 'alerts', 'devices', 'units', 'cameras'];
      window.harness.stores.useUi.setState({
        layers: Object.fromEntries(off.map((id) => [id, false])),
      });
    });
    await until('the name in view', async () =>
      (await drawnAt(113, 9)).includes('Quần đảo Trường Sa (Việt Nam)'),
    );
  });

  it('shows every critical alarm that nobody has acknowledged, however far one stands', async () => {
    await open('6/12/108');
    const wanted = await page.evaluate(() =>
      window.harness.crowd.alerts
        .filter(({ severity, state }) => severity === 'critical' && state === 'unacknowledged')
        .map(({ id }) => id),
    );
    expect(wanted.length).toBeGreaterThan(1);
    for (const id of wanted) await until(`alarm ${id}`, () => pixelOfAlert(id));
    // One that gets worse inside a cluster stands out of it at once, before the clusters are counted anew.
    const risen = await page.evaluate(() => {
      const { crowd, engine, stores } = window.harness;
      const drawn = (id: number) =>
        engine?.map
          .getLayers()
          .getArray()
          .some((layer) =>
            layer
              .getSource()
              ?.getFeatures?.()
              .some((f) => f.getId() === id && f.get('alert')),
          );
      const melted = crowd.alerts.find(({ id }) => !drawn(id));
      if (!melted) return null;
      stores.useAlerts.put([{ ...melted, seq: 5000, severity: 'critical', state: 'unacknowledged' }]);
      return drawn(melted.id);
    });
    expect(risen).toBe(true);
  });

  it('selects an alarm with a click, goes deeper with the next, and lets go on empty ground', async () => {
    await open('13/9.2/105.45');
    const alarms = await page.evaluate(() =>
      window.harness.crowd.alerts.map(({ id, title }) => ({ id, title })),
    );
    const seen = await until('an alarm that stands at its true place', async () => {
      for (const { id, title } of alarms) {
        const at = await pixelOfAlert(id);
        const inView = at && at.x > 60 && at.x < 1250 && at.y > 60 && at.y < 700;
        if (inView && at.dx === 0) return { id, title, ...at };
      }
      return undefined;
    });
    await page.mouse.move(seen.x, seen.y);
    await until('its label', () => page.getByRole('tooltip').getByText(seen.title).count());
    await page.mouse.click(seen.x, seen.y);
    await until('the alarm selected', async () => (await selected())?.kind === 'alert');
    expect((await selected())?.id).toBe(seen.id);
    await page.mouse.click(seen.x, seen.y);
    await until('the sensor under it selected', async () => (await selected())?.kind === 'device');
    const empty = await until('empty ground', async () => {
      for (let x = 100; x < 1200; x += 70) {
        await page.mouse.move(x, 640);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
        if ((await page.getByRole('tooltip').count()) === 0) return { x, y: 640 };
      }
      return undefined;
    });
    await page.mouse.click(empty.x, empty.y);
    await until('nothing selected', async () => (await selected()) === null);
  });

  it('flies to a selected thing only when it is off screen', async () => {
    await open('14/9.215/105.443');
    await until('alarm 1', () => pixelOfAlert(1));
    const center = () => page.evaluate(() => window.harness.engine?.map.getView().getCenter());
    const before = await center();
    await page.evaluate(() => window.harness.select({ kind: 'alert', id: 1 }));
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    expect(await center()).toEqual(before);
    const far = await page.evaluate(
      () => window.harness.crowd.alerts.find(({ position: [lon] }) => Math.abs(lon - 105.443) > 0.1)?.id,
    );
    expect(far).toBeDefined();
    await page.evaluate((id) => window.harness.select({ kind: 'alert', id: id ?? 0 }), far);
    await until('the map has moved', async () => JSON.stringify(await center()) !== JSON.stringify(before));
    await until('the address followed', async () => !page.url().endsWith('#map=14/9.215/105.443'));
  });

  it('moves and zooms by keys when it has the focus, and tells where it looks', async () => {
    await open('10/9.22/105.5');
    const view = () =>
      page.evaluate(() => {
        const map = window.harness.engine?.map;
        return { x: map?.getView().getCenter()[0] ?? 0, zoom: map?.getView().getZoom() ?? 0 };
      });
    const before = await view();
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await until('it moved east', async () => (await view()).x > before.x);
    await page.keyboard.press('+');
    await until('it came closer', async () => (await view()).zoom > before.zoom);
    const told = await until('the viewport', () =>
      page.evaluate(() => window.harness.stores.useUi.getState().viewport?.bbox),
    );
    expect(told[0]).toBeLessThan(105.5);
    expect(told[2]).toBeGreaterThan(105.5);
  });

  it('measures on the ground, in the form of the language', async () => {
    await open('12/9.2/105.45');
    await page.getByRole('button', { name: 'Đo khoảng cách' }).click();
    await page.mouse.click(400, 400);
    await page.mouse.move(500, 400, { steps: 5 });
    // 100 px at zoom 12 and 9.2° N: 100 × 38.219 × cos 9.2°.
    await until('3,77 km', () => page.getByText('3,77 km').count());
  });

  it('pulses a new critical alarm and then stands still', async () => {
    await open('14/9.215/105.443', 'tick=0&units=0', 'no-preference');
    await until('alarm 1', () => pixelOfAlert(1));
    await page.evaluate(() => {
      const { harness } = window;
      window.seen = { frames: 0 };
      harness.engine?.map.on('postrender', () => {
        window.seen.frames++;
      });
    });
    const frames = () => page.evaluate(() => window.seen.frames);
    await page.evaluate(() => window.harness.raise(900));
    await until('it pulses', async () => (await frames()) > 10);
    let last = -1;
    await until('it stands still', async () => {
      const now = await frames();
      await new Promise((resolve) => setTimeout(resolve, 900));
      const still = now === last;
      last = await frames();
      return still && now === last;
    });
  });

  it('hands thousands of dots to the graphics card where there is one, and they look as before', async () => {
    await open('13.4/9.2/105.45', 'tick=0&devices=6000&units=0', 'reduce', () => {
      // The imitation in this browser calls itself a real card.
      const real = WebGLRenderingContext.prototype.getParameter;
      WebGLRenderingContext.prototype.getParameter = function (name) {
        return name === 0x9246 ? 'A real card' : real.call(this, name);
      };
    });
    await until('a layer on the card', () =>
      page.evaluate(() =>
        window.harness.engine?.map
          .getLayers()
          .getArray()
          .some((layer) => 'updateStyleVariables' in layer),
      ),
    );
    // An online device with nothing near it.
    const at = await page.evaluate(() => {
      const { engine } = window.harness;
      const layer = engine?.map
        .getLayers()
        .getArray()
        .find((one) => 'updateStyleVariables' in one);
      const pixels = (layer?.getSource()?.getFeatures() ?? [])
        .filter((feature) => feature.get('kind') === 'normal')
        .flatMap((feature) => {
          const pixel = engine?.map.getPixelFromCoordinate(feature.getGeometry().getCoordinates());
          return pixel ? [pixel] : [];
        });
      return pixels.find(
        ([x, y]) =>
          x > 100 &&
          x < 1200 &&
          y > 100 &&
          y < 700 &&
          pixels.every(([a, b]) => (a === x && b === y) || Math.hypot(a - x, b - y) > 26),
      );
    });
    expect(at).toBeDefined();
    const [x, y] = (at ?? [0, 0]).map(Math.round) as [number, number];
    await until('a grey dot', async () => {
      const picture = await page.screenshot({ clip: { x: x - 1, y: y - 1, width: 3, height: 3 } });
      const { channels } = await sharp(picture).stats();
      // The token `ok` of the dark theme, #5f7382.
      return [0x5f, 0x73, 0x82].every((wanted, i) => Math.abs((channels[i]?.mean ?? 0) - wanted) < 14);
    });
  });

  it('says in words what it is, and that the list says the same', async () => {
    await open('10/9.22/105.5', 'tick=0&language=en');
    expect(await page.getByRole('application').getAttribute('aria-label')).toContain('alarm list');
    for (const name of ['Zoom in', 'Zoom out', 'Whole province', 'Measure a distance', 'Full screen'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(1);
  });
});
