import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/support/app.ts';
import { postgresBin } from '../../test/support/postgres.ts';
import { type ApiCall, fileCredentials, formatReports, loadMapping, ReplayMapping, replay } from './index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = join(ROOT, '../shared/data/air-quality');
const MAP = join(ROOT, 'config/replay/air-quality-hourly.yaml');

describe.skipIf(!postgresBin())('haidang replay', () => {
  let app: TestApp;
  let dir: string;
  let call: ApiCall;
  let mqttUrl: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'haidang-replay-'));
    app = await startTestApp({ roles: ['api', 'ingest'] });
    mqttUrl = `mqtt://127.0.0.1:${app.app.control.mqttPort}`;
    call = async (method, path, body) => {
      const answer = await app.call(method, path, { token: app.token, body });
      if (answer.status >= 400) throw new Error(`${answer.body.detail ?? ''} (${answer.body.code})`);
      return answer.body;
    };
  });
  afterAll(async () => {
    await app?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const small = ReplayMapping.parse({
    time: { column: 'time', utcOffset: '+07:00' },
    station: 'station',
    device: { type: 'air-quality' },
    columns: { pm: { quantity: 'pm25' } },
    stations: { 'Trạm Một': { position: [105.1, 9.1] } },
    batch: 2,
  });
  const table = (name: string, lines: string[]) => {
    const file = join(dir, name);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };

  it('registers a station, sends its rows in order and says what is in the centre afterwards', async () => {
    const file = table('one.csv', [
      'time,station,pm',
      '2026-01-01 00:00,Trạm Một,1',
      '2026-01-01 01:00,Trạm Một,NA',
      '2026-01-01 02:00,Trạm Một,3',
      '2026-01-01 03:00,Trạm Một,?',
      '2026-01-01 04:00,Trạm Một,5',
    ]);
    const book = join(dir, 'credentials.json');
    const credentials = fileCredentials(book);
    const options = { files: [file], mapping: small, call, mqttUrl, credentials };
    const [report] = await replay(options);
    expect(report).toEqual({
      file: 'one.csv',
      devices: ['tram-mot'],
      rows: 5,
      values: 3,
      missing: 1,
      unreadable: 1,
      firstUnreadable: 'line 5, pm: "?"',
      messages: 2,
      acked: 2,
      reconnects: 0,
      stored: 3,
    });
    expect(statSync(book).mode & 0o777).toBe(0o600);
    // Again, with the credential of the book: everything is there already.
    const [second] = await replay({ ...options, credentials: fileCredentials(book) });
    expect(second).toMatchObject({ acked: 2, stored: 3 });
  });

  it('takes no device’s credential away unless it is told to', async () => {
    const file = table('two.csv', ['time,station,pm', '2026-01-02 00:00,Trạm Một,1']);
    const credentials = fileCredentials(join(dir, 'other.json'));
    const options = { files: [file], mapping: small, call, mqttUrl, credentials };
    await expect(replay(options)).rejects.toThrow(/tram-mot is registered/);
    const [report] = await replay({ ...options, renew: true });
    expect(report).toMatchObject({ acked: 1, stored: 1 });
  });

  it('refuses a table that does not fit the mapping', async () => {
    const credentials = fileCredentials(join(dir, 'third.json'));
    const options = { mapping: small, call, mqttUrl, credentials };
    const wrong = table('wrong.csv', ['time,station,pm10', '2026-01-02 00:00,Trạm Một,1']);
    await expect(replay({ ...options, files: [wrong] })).rejects.toThrow(/no column pm/);
    const stranger = table('stranger.csv', ['time,station,pm', '2026-01-02 00:00,Trạm Hai,1']);
    await expect(replay({ ...options, files: [stranger] })).rejects.toThrow(/no station called "Trạm Hai"/);
  });

  describe.skipIf(!existsSync(DATA))('of the twelve stations in ../shared/data/air-quality', () => {
    it('stores exactly the values that are not missing, each once and unchanged', async () => {
      const files = readdirSync(DATA).map((name) => join(DATA, name));
      const reports = await replay({
        files,
        mapping: loadMapping(MAP),
        call,
        mqttUrl,
        credentials: fileCredentials(join(dir, 'stations.json')),
      });
      // Counted without any of the code above.
      let expected = 0;
      let missing = 0;
      let pm25Sum = 0;
      for (const file of files) {
        for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
          const cells = line.split(',').map((cell) => cell.replaceAll('"', ''));
          for (const cell of cells.slice(5, 17)) {
            if (cell === 'NA' || cell === '') missing++;
            else expected++;
          }
          pm25Sum += Number(cells[5] === 'NA' ? 0 : cells[5]);
        }
      }
      const total = (key: 'values' | 'missing' | 'stored' | 'unreadable' | 'messages' | 'acked') =>
        reports.reduce((sum, report) => sum + report[key], 0);
      expect(total('values')).toBe(expected);
      expect(total('missing')).toBe(missing);
      expect(total('unreadable')).toBe(0);
      expect(total('stored')).toBe(expected);
      expect(total('acked')).toBe(total('messages'));
      const [row] = await app.database.query<{ rows: number; sum: number }>(sql`
        select count(*) as rows, sum(value) filter (where s.quantity = 'pm25') as sum
        from observations o join series s on s.id = o.series_id
        where s.device_id <> 'tram-mot' and o.quality = 0`);
      expect(row?.rows).toBe(expected);
      expect(row?.sum).toBeCloseTo(pm25Sum, 3);
      expect(await app.database.query(sql`select code, reason from quarantine`)).toEqual([]);
      expect(formatReports(reports).split('\n')).toHaveLength(14);
    }, 120_000);
  });
});
