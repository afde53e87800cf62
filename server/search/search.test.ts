import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchResult } from '../../core/api/centre.ts';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { fold } from '../../core/text.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { IN_EAST, IN_WEST } from '../../test/support/sample-areas.ts';
import { seedDevice } from '../../test/support/seed.ts';
import {
  CALLERS,
  foldNames,
  seedAlert,
  seedTwoCommunes,
  type TwoCommunes,
  WEST,
} from '../../test/support/two-communes.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createSearch, type SearchPlace } from './index.ts';
import { likeLiteral } from './match.ts';

const PLACES: SearchPlace[] = [
  { kind: 'hospital', name: 'Bệnh viện Đông', nameEn: 'East Hospital', position: IN_EAST },
  { kind: 'commune', name: 'Đông', nameEn: 'East', position: IN_EAST },
  { kind: 'commune', name: 'Xã Đông', nameEn: 'East Commune', position: IN_EAST },
  { kind: 'cape', name: 'Mũi Tây', nameEn: '', position: IN_WEST },
];

describe.each(DATABASE_ADAPTERS)('search on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    let database: OpenDatabase;
    let world: TwoCommunes;
    let api: TestApi;
    beforeAll(async () => {
      database = await open();
      world = await seedTwoCommunes(database, manualClock(Date.parse('2026-11-22T08:00:00+07:00')));
      const search = createSearch({
        database,
        areas: world.areas.tree,
        places: () => PLACES,
        names: {
          deviceType: (id) =>
            id === 'air-quality' ? { vi: 'Trạm không khí', en: 'Air station' } : undefined,
          unitKind: () => ({ vi: 'Cảnh sát giao thông', en: 'Traffic police' }),
        },
      });
      api = await startApi(search.routes, {
        authenticate: async (token) => {
          const caller = CALLERS[token];
          if (!caller) throw new AppError('auth.required');
          return caller;
        },
      });
    });
    afterAll(async () => {
      await api?.close();
      world?.close();
      await database?.close();
    });

    const find = async (token: string, query: Record<string, string>): Promise<SearchResult[]> => {
      const answer = await api.call('GET', `/search?${new URLSearchParams(query)}`, { token });
      expect(answer.status).toBe(200);
      return answer.body.items;
    };
    const ids = async (token: string, q: string, more: Record<string, string> = {}) =>
      (await find(token, { q, limit: '50', ...more })).map(({ kind, id }) => `${kind} ${id}`);

    it('finds every kind without its marks, and says what and where it is', async () => {
      const found = await find('everywhere', { q: 'dong' });
      expect(found.map(({ kind, title, subtitle }) => [kind, title, subtitle])).toEqual([
        ['area', 'Xã Đông', 'Tỉnh Mẫu'],
        ['unit', 'Đội Đông', 'Cảnh sát giao thông · Xã Đông'],
        ['device', 'Đếm xe Đông', 'traffic · Xã Đông'],
        ['device', 'Trạm bụi Đông', 'Trạm không khí · Xã Đông'],
        ['alert', 'Bụi mịn cao', 'Trạm bụi Đông · Xã Đông'],
        ['place', 'Bệnh viện Đông', 'Cơ sở y tế · Xã Đông'],
      ]);
      expect(found.every(({ position }) => position !== null)).toBe(true);
      expect(await find('everywhere', { q: 'east hospital', lang: 'en' })).toEqual([
        {
          kind: 'place',
          id: 'hospital-0',
          title: 'East Hospital',
          subtitle: 'Health facility · Xã Đông',
          position: IN_EAST,
        },
      ]);
      expect(await ids('everywhere', 'DUST-east')).toEqual(['device dust-east', 'alert 2']);
      expect(await ids('everywhere', 'cau cam')).toEqual(['camera cam-east', 'camera cam-west']);
    });

    it('finds nothing of another commune, whatever is asked', async () => {
      for (const q of [
        'dong',
        'east',
        'dust',
        'tram',
        'camera',
        'doi',
        'xa',
        'bui',
        '01',
        'a',
        'e',
        '99002',
        '2',
        '%',
      ]) {
        const west = await find('west', { q, limit: '50', kinds: 'area,device,camera,unit,alert' });
        expect(JSON.stringify(west), q).not.toMatch(/east|Đông|99002|111/);
        expect(await find('nowhere', { q, limit: '50', kinds: 'area,device,camera,unit,alert' })).toEqual([]);
      }
      expect(await ids('west', 'tay')).toEqual([
        'area 99001',
        'unit unit-west',
        'device cars-west',
        'device dust-west',
        'alert 1',
        'place cape-3',
      ]);
      expect(await ids('westTraffic', 'tay')).toEqual([
        'area 99001',
        'unit unit-west',
        'device cars-west',
        'place cape-3',
      ]);
      // What everybody sees on the base map, everybody finds.
      expect(await ids('west', 'benh vien')).toEqual(['place hospital-0']);
    });

    it('looks only for kinds that the caller may read and has asked for', async () => {
      expect(await ids('integrator', 'bui', { kinds: 'alert' })).toEqual([]);
      expect(await ids('everywhere', 'bui', { kinds: 'alert' })).toEqual(['alert 1', 'alert 2']);
      expect(await ids('everywhere', 'tay', { kinds: 'camera,area' })).toEqual(['area 99001']);
      const refused = await api.call('GET', '/search?q=a&kinds=user', { token: 'everywhere' });
      expect(refused).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
      expect((await api.call('GET', '/search?q=a', { token: 'nobody' })).status).toBe(403);
      expect((await api.call('GET', '/search?q=a')).status).toBe(401);
    });

    it('does not find what is over: closed alerts, areas no longer in force', async () => {
      const id = await seedAlert(database, {
        subjectId: 'x',
        subjectName: 'x',
        title: 'Ngập tuyến phố',
        at: IN_WEST,
        areaId: WEST,
        state: 'closed',
      });
      await foldNames(database);
      expect(await ids('everywhere', 'ngap tuyen')).toEqual([]);
      await database.query({
        text: `update alerts set state = 'acknowledged', acknowledged_at = now() where id = $1`,
        values: [id],
      });
      expect(await ids('everywhere', 'ngap tuyen')).toEqual([`alert ${id}`]);
    });

    it('puts the exact name first, then beginnings, then words, then the rest', async () => {
      for (const [n, name] of ['Bến Kinh', 'Kinh', 'Bakinhan', 'Kinh Mới', 'Kinhan'].entries())
        await seedDevice(database, { id: `rank-${n}`, name, at: IN_WEST, areaId: WEST });
      await foldNames(database);
      expect((await find('everywhere', { q: 'kinh' })).map((hit) => hit.title)).toEqual([
        'Kinh',
        'Kinhan',
        'Kinh Mới',
        'Bến Kinh',
        'Bakinhan',
      ]);
      expect((await find('everywhere', { q: 'kinh', limit: '2' })).map((hit) => hit.title)).toEqual([
        'Kinh',
        'Kinhan',
      ]);
    });

    it('finds the one exact name among thousands that begin like it', async () => {
      await database.query({
        text: `insert into devices (id, site, name, type, search_text)
               select 'many-' || n, 'main', 'Cống ' || n, 'water-level', 'cong ' || n || ' many-' || n
               from generate_series(1, 3000) n`,
        values: [],
      });
      await seedDevice(database, { id: 'the-one-with-a-very-long-id-that-sorts-last', name: 'Cống' });
      await foldNames(database);
      const [first] = await find('everywhere', { q: 'cong', limit: '1' });
      expect(first?.title).toBe('Cống');
    });

    it('takes what is typed as text: no wildcard and no quote means anything', async () => {
      for (const q of ['%', '_', '\\', "'", '"; drop table devices; --', '{a,b}', '%%%', "' or 1=1"])
        expect(await ids('everywhere', q), q).toEqual([]);
      expect((await api.call('GET', '/search?q=', { token: 'west' })).status).toBe(400);
      expect((await api.call('GET', '/search?q=%00', { token: 'west' })).status).toBe(400);
      expect((await api.call('GET', `/search?q=${'a'.repeat(101)}`, { token: 'west' })).status).toBe(400);
      expect((await api.call('GET', '/search?q=a&limit=51', { token: 'west' })).status).toBe(400);
      expect((await api.call('GET', '/search?q=a&q=b', { token: 'west' })).status).toBe(400);
    });

    it('agrees with plain text search about what a literal matches', async () => {
      const odd = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '\\', ' ', 'đ', "'"), maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(odd, odd, async (text, part) => {
          const [row] = await database.query<{ found: boolean }>({
            text: 'select $1::text like $2::text as found',
            values: [text, `%${likeLiteral(part)}%`],
          });
          expect(row?.found).toBe(text.includes(part));
        }),
        { numRuns: 200 },
      );
    });

    it('has the texts folded that it looks in', async () => {
      const rows = await database.query<{ search_text: string }>({
        text: 'select search_text from areas',
        values: [],
      });
      for (const row of rows) expect(row.search_text).toBe(fold(row.search_text));
    });
  });
});
