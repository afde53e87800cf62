import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Centre } from '../../core/api/centre.ts';
import { type ProvinceProfile, suitability } from '../../core/profile.ts';
import { loadProfile, mountMapFiles } from './index.ts';
import { centreOf } from './routes.ts';

const PROVINCES = join(import.meta.dirname, '../../config/provinces');

describe('the province profile', () => {
  let dir: string;
  let demo: ProvinceProfile;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'profile-'));
    demo = await loadProfile(PROVINCES, 'demo');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const changed = async (change: (profile: Record<string, never>) => void) => {
    const raw = parse(await readFile(join(PROVINCES, 'demo.yaml'), 'utf8'));
    change(raw);
    await writeFile(join(dir, 'changed.yaml'), stringify(raw));
    return loadProfile(dir, 'changed');
  };

  it('of the sample province is valid and says that it is a sample', () => {
    expect(demo.sample).toBe(true);
    expect(demo.province.nameVi).toBe('Tỉnh Mẫu');
  });

  it('names the profiles there are when one is missing', async () => {
    await expect(loadProfile(PROVINCES, 'atlantis')).rejects.toMatchObject({
      code: 'config.invalid',
      detail: expect.stringContaining('there are: demo'),
    });
  });

  it('refuses a body that nobody has declared, and says where', async () => {
    const broken = changed((p: Record<string, Record<string, unknown>>) => {
      (p.roles as Record<string, unknown>).supervisingAgency = 'nobody';
    });
    await expect(broken).rejects.toMatchObject({
      code: 'config.invalid',
      detail: expect.stringContaining('roles.supervisingAgency: no body "nobody"; known: ppc,'),
    });
  });

  it('refuses a suitability for an unknown domain or kind of unit', async () => {
    const broken = changed((p: Record<string, Record<string, unknown>>) => {
      (p.dispatch as { suitability: unknown }).suitability = { weather: ['police'], traffic: ['boat'] };
    });
    await expect(broken).rejects.toMatchObject({
      detail: expect.stringMatching(/no domain "weather".*no unit kind "boat"/),
    });
  });

  it('refuses what it does not know, twins and missing names of severities', async () => {
    const broken = changed((p: Record<string, Record<string, unknown>>) => {
      (p.centre as Record<string, unknown>).colour = 'blue';
    });
    await expect(broken).rejects.toMatchObject({ detail: expect.stringContaining('centre') });
    const twins = changed((p: Record<string, unknown>) => {
      (p.bodies as unknown[]).push((p.bodies as unknown[])[0]);
      (p.alerts as { severities: unknown[] }).severities.pop();
    });
    await expect(twins).rejects.toMatchObject({
      detail: expect.stringMatching(/"ppc" is there twice.*"info" has no name/),
    });
  });

  it('points at the line when the file is no YAML', async () => {
    await writeFile(join(dir, 'torn.yaml'), 'code: M\nprovince: {nameVi: [');
    await expect(loadProfile(dir, 'torn')).rejects.toMatchObject({
      code: 'config.invalid',
      detail: expect.stringMatching(/line \d/),
    });
  });

  it('ranks the kinds of unit for a domain, and takes any kind where nothing is said', () => {
    expect(suitability(demo, 'traffic', 'traffic_police')).toBe(0);
    expect(suitability(demo, 'traffic', 'environment')).toBeUndefined();
    expect(suitability(demo, 'somewhere-else', 'environment')).toBe(0);
  });

  it('makes the centre that anybody may see, without the domains that are off', () => {
    const centre = Centre.parse(centreOf({ profile: demo, demo: false, version: '1.2.3' }));
    expect(centre.domains.map((d) => d.id)).toEqual(['traffic', 'security', 'environment']);
    expect(centre.supervisingAgency.nameVi).toBe('Sở Khoa học và Công nghệ');
    expect(centre.demo).toBe(true);
  });
});

describe('the files of the base map', () => {
  it('are served without sign-in, with an entity tag; anything else is not there', async () => {
    const app = express();
    mountMapFiles(app, {
      basemapDir: join(PROVINCES, '../basemap'),
      provincesDir: PROVINCES,
      mapFolder: 'demo',
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    // Plain http: fetch would send a Cache-Control of its own along with the tag.
    const ask = (path: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>(
        (resolve, reject) => {
          get({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
            let body = '';
            res.on('data', (chunk) => {
              body += chunk;
            });
            res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body }));
          }).on('error', reject);
        },
      );
    try {
      const world = await ask('/basemap/world.topojson');
      expect(world.status).toBe(200);
      expect((JSON.parse(world.body) as { type: string }).type).toBe('Topology');
      const roads = await ask('/basemap/province/roads.geojson');
      expect(roads.headers['content-type']).toMatch(/^application\/geo\+json/);
      const again = await ask('/basemap/province/roads.geojson', {
        'If-None-Match': roads.headers.etag ?? '',
      });
      expect(again.status).toBe(304);
      for (const path of [
        '/basemap/',
        '/basemap/nothing.geojson',
        '/basemap/province/..%2Fdemo.yaml',
        '/basemap/../demo.yaml',
      ])
        expect((await ask(path)).status, path).toBe(404);
    } finally {
      server.close();
    }
  });
});
