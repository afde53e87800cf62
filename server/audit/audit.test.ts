import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import type { AuditEntry } from '../../core/ports.ts';
import { ANY_DATABASE } from '../../test/support/adapters.ts';
import { callersByToken, startApi, type TestApi } from '../../test/support/api.ts';
import { act } from '../../test/support/audit.ts';
import { testLogger } from '../../test/support/logger.ts';
import { callerWith } from '../../test/support/seed.ts';
import { EAST, seedTwoCommunes, type TwoCommunes, WEST } from '../../test/support/two-communes.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createSecretStore } from '../secrets/index.ts';
import { createHealth } from '../system/index.ts';
import { keyRing } from './anchors/keys.ts';
import { type Audit, auditFolder, checkExport, checkTrail, createAudit, readKeys } from './index.ts';

const START = Date.parse('2026-11-22T01:00:00.500Z');

/** The files of a ZIP, read through its directory. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  let at = bytes.readUInt32LE(end + 16);
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const packed = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const start = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const content = inflateRawSync(bytes.subarray(data, data + packed));
    expect(content.length).toBe(bytes.readUInt32LE(at + 24));
    files.set(name, content);
    at += 46 + nameLength;
  }
  return files;
}

describe('the audit trail over HTTP', () => {
  let database: OpenDatabase;
  let world: TwoCommunes;
  let audit: Audit;
  let api: TestApi;
  const dataDir = mkdtempSync(join(tmpdir(), 'haidang-audit-api-'));
  const clock = manualClock(START);
  const people = {
    whole: { ...callerWith('admin'), userId: 'whole', username: 'whole', sessionId: 'whole' },
    west: { ...callerWith('admin', { areas: [WEST] }), userId: 'west', username: 'west', sessionId: 'west' },
    lan: { ...callerWith('viewer', { areas: [WEST] }), userId: 'u-lan', username: 'lan', sessionId: 'lan' },
  };

  const write = (...entries: AuditEntry[]) =>
    database.transaction((tx) => audit.trail.record(tx, ...entries));
  const by = (username: string) => ({ userId: `u-${username}`, username });

  beforeAll(async () => {
    database = await ANY_DATABASE.open();
    world = await seedTwoCommunes(database, clock);
    audit = await createAudit({
      database,
      clock,
      logger: testLogger(),
      health: createHealth(clock),
      secrets: await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') }),
      dataDir,
      settings: { keepMonths: 12 },
      areas: () => world.areas.tree,
    });
    api = await startApi(audit.routes, callersByToken(people));
    await audit.start({ version: '0.0.0' });
    for (const [n, side] of [WEST, EAST, WEST, EAST].entries()) {
      clock.advance(1000);
      await write(
        act(n, {
          by: by(n < 2 ? 'lan' : 'minh'),
          action: n % 2 === 0 ? 'device.change' : 'camera.change',
          object: { type: n % 2 === 0 ? 'device' : 'camera', id: `thing-${n}`, name: '=1+1' },
          place: { areaId: side, domain: 'environment' },
        }),
      );
    }
    clock.advance(1000);
    await write({ by: by('lan'), action: 'session.end', object: { type: 'account', id: 'u-lan' } });
    await write({
      by: { userId: 'u-minh', username: 'minh', onBehalfOf: { userId: 'u-lan', username: 'lan' } },
      action: 'alert.comment',
      object: { type: 'alert', id: '7' },
      place: { areaId: EAST, domain: null },
    });
    await write({
      by: { username: '' },
      action: 'signin.failure',
      object: { type: 'account', id: 'u-lan', name: 'lan' },
    });
    clock.advance(60_000);
  });
  afterAll(async () => {
    await api?.close();
    await audit?.stop();
    world?.close();
    await database?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const get = async (token: string, path: string) => (await api.call('GET', path, { token })).body;
  const actions = async (token: string, path: string) =>
    (await get(token, path)).items.map((item: { action: string }) => item.action);

  it('shows the latest first, with what was before and after, and where from', async () => {
    const { items, nextCursor } = await get('whole', '/audit?actor=lan&action=device.change');
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      expect.objectContaining({
        chain: 'centre',
        action: 'device.change',
        at: '2026-11-22T01:00:01.500Z',
        actor: { id: 'u-lan', name: 'lan' },
        onBehalfOf: null,
        object: { type: 'device', id: 'thing-0', name: '=1+1' },
        areaId: WEST,
        domain: 'environment',
        before: { name: 'Trạm cũ 0' },
        after: { name: 'Trạm 0' },
      }),
    ]);
    expect(items[0].areaName).not.toBeNull();
  });

  it('filters by person, action, object, area, domain, chain and period', async () => {
    for (const [query, count] of [
      ['actor=u-minh', 3],
      // Also what was done with the powers that lan lent.
      ['actor=lan', 4],
      ['action=device.change,camera.change', 4],
      ['objectType=camera', 2],
      ['objectType=device&objectId=thing-2', 1],
      [`area=${WEST}`, 2],
      ['area=99', 5],
      ['domain=environment', 4],
      ['chain=so-a', 0],
      ['to=2026-11-22T08:00:02.500%2B07:00&action=device.change,camera.change', 1],
      ['from=2026-11-22T01:00:03Z&action=device.change,camera.change', 2],
    ] as const) {
      expect([query, (await get('whole', `/audit?${query}`)).items.length]).toEqual([query, count]);
    }
    expect((await get('whole', '/audit?action=nothing.known')).code).toBe('request.invalid');
  });

  it('pages through everything once, also where times are equal', async () => {
    const all = (await get('whole', '/audit')).items.map((item: { seq: number }) => item.seq);
    expect(all).toContain(1);
    const paged: number[] = [];
    let cursor = '';
    do {
      const body = await get('whole', `/audit?limit=2&to=2026-11-22T01:01:00Z${cursor}`);
      paged.push(...body.items.map((item: { seq: number }) => item.seq));
      cursor = body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(body.nextCursor)}`;
    } while (cursor !== '');
    expect(paged).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    for (const cursor of ['x', Buffer.from('["2026","centre",1]').toString('base64url')])
      expect((await get('whole', `/audit?cursor=${cursor}`)).code).toBe('request.invalid');
  });

  it('shows a reader the rows of their own area only, and nothing to who may not read it', async () => {
    expect(await actions('west', '/audit')).toEqual(['device.change', 'device.change']);
    expect((await get('west', `/audit?area=${EAST}`)).items).toEqual([]);
    expect((await get('lan', '/audit')).code).toBe('auth.forbidden');
  });

  it('shows everybody what they did, what was done in their name, and to their account', async () => {
    expect(await actions('lan', '/me/activity')).toEqual([
      'signin.failure',
      'alert.comment',
      'session.end',
      'camera.change',
      'device.change',
    ]);
  });

  it('writes down who searched, once for many pages, and the verification', async () => {
    await get('whole', '/audit?actor=lan');
    await get('whole', '/audit?actor=lan&limit=1');
    const read = await get('whole', '/audit?action=audit.read&actor=whole');
    expect(read.items).toHaveLength(1);
    expect(read.items[0].requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(read.items[0].ip).toContain('127.0.0.1');
  });

  it('verifies the whole for who reads the whole', async () => {
    const result = await get('whole', '/audit/verify');
    expect(result).toMatchObject({ ok: true, chains: [{ chain: 'centre', from: 1, firstBad: null }] });
    expect(result.anchors.lines).toBeGreaterThan(1);
    expect((await get('west', '/audit/verify')).code).toBe('auth.forbidden');
    const [entry] = (await get('whole', '/audit?action=audit.verify')).items;
    expect(entry.after).toEqual({ ok: true, rows: result.chains[0].rows, bad: [] });
  });

  const exported = async (token: string, body: object) => {
    const answer = await api.call('POST', '/audit/export', { token, body });
    expect(answer.status).toBe(200);
    return unzip(Buffer.from(answer.body));
  };
  /** An unpacked export, and what `audit verify --export` says of it. */
  const unpack = (files: Map<string, Buffer>) => {
    const folder = mkdtempSync(join(dataDir, 'export-'));
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const pub = [...files.keys()].find((name) => name.endsWith('.pub')) ?? '';
    const keys = keyRing([readFileSync(join(auditFolder(dataDir), pub), 'utf8')]);
    return { folder, check: () => checkExport(folder, keys) };
  };

  it('exports what was asked for with a signed verification, and says so in the trail first', async () => {
    const files = await exported('whole', { actor: 'lan', reason: 'theo công văn 12' });
    expect([...files.keys()]).toEqual([
      'audit.jsonl',
      'verification.json',
      expect.stringMatching(/^anchor-key-[0-9a-f]{16}\.pub$/),
      'README.txt',
    ]);
    const { folder, check } = unpack(files);
    expect(await check()).toMatchObject({ ok: true, rows: 4, by: 'whole' });
    const [entry] = (await get('whole', '/audit?action=audit.export')).items;
    expect(entry).toMatchObject({ after: { format: 'jsonl', rows: 4 }, reason: 'theo công văn 12' });

    const file = join(folder, 'audit.jsonl');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('thing-0', 'thing-9'));
    expect((await check()).fault).toContain('not the file that was exported');
    writeFileSync(file, text);
    const verification = join(folder, 'verification.json');
    writeFileSync(verification, readFileSync(verification, 'utf8').replace('"whole"', '"nobody"'));
    expect((await check()).fault).toContain('not signed');
  });

  it('exports no more than the exporter may read', async () => {
    const files = await exported('west', { format: 'jsonl' });
    const lines = (files.get('audit.jsonl')?.toString() ?? '').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).entry.areaId)).toEqual([WEST, WEST]);
  });

  it('exports CSV that no spreadsheet takes for a formula', async () => {
    const files = await exported('whole', { format: 'csv', objectType: 'device' });
    const text = files.get('audit.csv')?.toString() ?? '';
    expect(text.startsWith('\ufefftime,action,what,actor,')).toBe(true);
    expect(text.split('\r\n').filter((line) => line !== '')).toHaveLength(3);
    expect(text).toContain(`"'=1+1"`);
    expect(text).not.toContain(`"=1+1"`);
    expect(await unpack(files).check()).toMatchObject({ ok: true, rows: 2 });
  });
});

describe('the end of the time that the trail is kept', () => {
  it('closes a segment with a signature, so that the rest still verifies', async () => {
    const database = await ANY_DATABASE.open();
    const dataDir = mkdtempSync(join(tmpdir(), 'haidang-audit-keep-'));
    // Long ago by the clock of the database, too: it keeps the last three months whoever asks.
    const clock = manualClock(Date.parse('2024-01-10T00:00:00Z'));
    const open = async () =>
      createAudit({
        database,
        clock,
        logger: testLogger(),
        health: createHealth(clock),
        secrets: await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') }),
        dataDir,
        settings: { keepMonths: 12 },
        areas: () => {
          throw new Error('no areas here');
        },
      });
    const rows = async () =>
      (
        await database.query<{ seq: number }>({ text: 'select seq from audit_log order by seq', values: [] })
      ).map((row) => row.seq);
    const folder = auditFolder(dataDir);
    try {
      const audit = await open();
      await audit.start({});
      for (let n = 2; n <= 10; n++) {
        clock.advance(30 * 86_400_000);
        await database.transaction((tx) => audit.trail.record(tx, act(n)));
      }
      await audit.stop();
      clock.set(Date.parse('2025-04-20T00:00:00Z'));
      const later = await open();
      await later.start({});
      clock.advance(10 * 60_000);
      await later.stop();
      const left = await rows();
      // Written on 10 January, 9 February, 10 March and 9 April 2024: more than twelve months ago.
      expect(left[0]).toBe(5);
      const check = () => checkTrail({ database, folder, keys: readKeys(folder), nowMs: () => clock.now() });
      expect(await check()).toMatchObject({ ok: true, chains: [{ from: 5, firstBad: null }] });
      expect(existsSync(join(folder, 'anchors-2025-04.jsonl'))).toBe(true);

      // A closing that nobody signed is none.
      await database.query({ text: 'alter table audit_checkpoints disable trigger user', values: [] });
      await database.query({ text: `update audit_checkpoints set signature = 'x'`, values: [] });
      expect(await check()).toMatchObject({ ok: false, chains: [{ firstBad: { seq: 4, kind: 'closing' } }] });
    } finally {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('cannot be declared for what is younger than three months', async () => {
    const database = await ANY_DATABASE.open();
    try {
      for (let n = 0; n < 3; n++)
        await database.query({
          text: `select audit_append('centre', array['{"action":"system.start","actorId":"x","actorName":"x","at":"${new Date().toISOString()}"}'])`,
          values: [],
        });
      await expect(
        database.query({ text: `select audit_close('centre', 2, '{}', '', now())`, values: [] }),
      ).rejects.toThrow('younger than three months');
    } finally {
      await database.close();
    }
  });
});
