import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, unlimited } from '../../core/permissions.ts';
import type { PersonalDataKind } from '../../core/personal-data.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { testLogger } from '../../test/support/logger.ts';
import { addPerson, createPeople, type People } from '../../test/support/people.ts';
import { testTrail } from '../../test/support/trail.ts';
import type { OpenDatabase } from '../db/index.ts';
import { loadPersonalData } from '../profile/index.ts';
import { createPersonalData, type PersonalData } from './service.ts';
import { HOLDINGS } from './sql.ts';

const START = Date.UTC(2026, 10, 22, 1);
const DAY_MS = 86_400_000;
const officer = unlimited('can.bo');

describe.each(DATABASE_ADAPTERS)('personal data on $name', ({ available, open }) => {
  describe.skipIf(!available)('', () => {
    const clock = manualClock(START);
    const mediaDir = mkdtempSync(join(tmpdir(), 'haidang-personal-'));
    let database: OpenDatabase;
    let people: People;
    let kinds: readonly PersonalDataKind[];
    let personal: PersonalData;

    const query = <Row>(text: string, values: unknown[] = []) => database.query<Row>({ text, values });

    beforeAll(async () => {
      database = await open();
      people = await createPeople(database, clock);
      kinds = await loadPersonalData('config/personal-data.yaml');
      personal = createPersonalData({
        database,
        clock,
        logger: testLogger(),
        audit: testTrail(database, clock),
        kinds,
        mediaDir,
      });
    });
    afterAll(async () => {
      people?.close();
      await database?.close();
      rmSync(mediaDir, { recursive: true, force: true });
    });

    /** Somebody about whom there is something of every kind. */
    const known = async (username: string, displayName: string): Promise<string> => {
      const id = await addPerson(people.accounts, username, { role: 'operator' });
      await query('update users set display_name = $2 where id = $1', [id, displayName]);
      await query(
        `insert into sessions (id, user_id, expires_at, ip, user_agent)
         values ($1 || '-s', $1, $2::timestamptz, '192.0.2.9', 'Trình duyệt thử')`,
        [id, new Date(clock.now() + DAY_MS)],
      );
      await query(
        `insert into password_history (user_id, password_hash, replaced_at) values ($1, 'x', now())`,
        [id],
      );
      await query(`insert into secrets (name, sealed) values ('totp/' || $1 || '/f', '\\x00')`, [id]);
      await query(
        `insert into totp_factors (user_id, factor_id, created_at, last_step) values ($1, 'f', now(), 1)`,
        [id],
      );
      await query(`insert into sign_in_lockouts values ($1, '192.0.2.9', now() + interval '1 hour')`, [
        username,
      ]);
      await query(
        `insert into api_keys (id, user_id, name, secret_sha256, created_at, created_by, expires_at, last_used_ip)
         values ('k-' || $1, $1, 'máy in', '\\x00', now(), 'x', now() + interval '1 day', '192.0.2.9')`,
        [id],
      );
      return id;
    };
    const code = (error: unknown) => (error instanceof AppError ? error.code : error);

    it('names in the register exactly what the product can find, with columns that exist', async () => {
      expect(kinds.map((kind) => kind.id).sort()).toEqual(Object.keys(HOLDINGS).sort());
      for (const kind of kinds) {
        const holding = HOLDINGS[kind.id];
        expect([kind.id, holding?.erase !== undefined]).toEqual([
          kind.id,
          ['erase', 'part'].includes(kind.erasure),
        ]);
        if (kind.keepDays !== null) expect([kind.id, holding?.expire !== undefined]).toEqual([kind.id, true]);
        for (const field of kind.fields) {
          const [table, column] = field.split('.');
          const [found] = await query<{ there: boolean; column: boolean }>(
            `select to_regclass('public.' || $1) is not null as there, exists (
               select 1 from pg_attribute where attrelid = to_regclass('public.' || $1) and attname = $2) as column`,
            [table, column],
          );
          if (found?.there) expect([field, found.column]).toEqual([field, true]);
        }
      }
    });

    it('leaves no table that refers to a person out of the register', async () => {
      const named = new Set(Object.values(HOLDINGS).flatMap(({ tables }) => tables));
      const referring = await query<{ name: string }>(
        `select distinct conrelid::regclass::text as name from pg_constraint
         where contype = 'f' and confrelid = 'users'::regclass order by 1`,
      );
      const elsewhere: Record<string, string> = {};
      expect(
        referring
          .map(({ name }) => name)
          .filter((name) => !named.has(name) && !Object.hasOwn(elsewhere, name)),
      ).toEqual([]);
    });

    it('finds a person by a part of the name, with or without marks, and says what is held', async () => {
      const id = await known('hoa.dang', 'Đặng Thị Hoà');
      for (const q of ['hoa.dang', 'Đặng Thị', 'dang thi hoa']) {
        const [found] = await personal.lookup(officer, q, 'Đơn của bà Hoà');
        expect([q, found?.id]).toEqual([q, id]);
        const held = Object.fromEntries(found?.held.map((one) => [one.kind, one.count]) ?? []);
        expect(held).toMatchObject({ account: 1, grants: 1, api_keys: 1, lockouts: 1 });
        expect(held.sessions).toBeGreaterThan(0);
        expect(held.credentials).toBe(3);
      }
      expect(await personal.lookup(officer, 'khong-co-ai', 'thử')).toEqual([]);
      // What is typed is text.
      expect(await personal.lookup(officer, '%%', 'thử')).toEqual([]);
      const report = await personal.report(officer, id, 'Đơn của bà Hoà');
      expect(JSON.stringify(report.data)).toContain('Trình duyệt thử');
      // No secret, not even a hash.
      expect(JSON.stringify(report)).not.toMatch(/argon2|sha256|\\\\x/);
      const [entry] = await query<{ reason: string }>(
        `select reason from audit_log where action = 'personal.report' and object_id = $1`,
        [id],
      );
      expect(entry?.reason).toBe('Đơn của bà Hoà');
    });

    it('shows everybody what is held of themselves, and others only to those who may', async () => {
      const id = await known('minh.ly', 'Lý Minh');
      const self: Caller = { ...unlimited('minh.ly'), userId: id, grants: [] };
      expect((await personal.own(self)).subject.displayName).toBe('Lý Minh');
      expect(code(await personal.lookup(self, 'hoa', 'tò mò').catch((e) => e))).toBe('auth.forbidden');
      expect(code(await personal.report(self, id, 'tò mò').catch((e) => e))).toBe('request.not_found');
      expect(code(await personal.erase(self, id, 'tò mò').catch((e) => e))).toBe('request.not_found');
      const partly: Caller = {
        ...officer,
        grants: officer.grants.map((grant) => ({ ...grant, areas: new Set(['99001']) })),
      };
      expect(code(await personal.report(partly, id, 'một xã').catch((e) => e))).toBe('request.not_found');
    });

    it('erases what may go, keeps what must stay, and says so in the trail', async () => {
      const id = await known('xoa.toi', 'Nguyễn Văn Xoá');
      expect(code(await personal.erase(officer, id, 'Đơn').catch((e) => e))).toBe('request.conflict');
      await query(`update users set status = 'revoked' where id = $1`, [id]);
      const run = await personal.erase(officer, id, 'Đơn ngày 22/11');
      expect(run).toMatchObject({ kind: 'erasure', subjectId: id, by: 'can.bo', reason: 'Đơn ngày 22/11' });
      expect(run.removed).toMatchObject({ account: 1, lockouts: 1, api_keys: 1 });
      const everything = JSON.stringify(
        await Promise.all(
          ['users', 'sessions', 'api_keys', 'password_history', 'totp_factors', 'sign_in_lockouts'].map(
            (table) =>
              query(
                `select * from ${table} where ${table === 'users' ? 'id' : table === 'sign_in_lockouts' ? 'username' : 'user_id'} = $1`,
                [table === 'sign_in_lockouts' ? 'xoa.toi' : id],
              ),
          ),
        ),
      );
      for (const gone of ['Nguyễn Văn Xoá', '192.0.2.9', 'Trình duyệt thử'])
        expect(everything).not.toContain(gone);
      expect(await query(`select 1 from secrets where name like 'totp/' || $1 || '/%'`, [id])).toEqual([]);
      // The name is never given again, the grants stay the basis of what was done.
      expect(everything).toContain('xoa.toi');
      const [again] = await personal.lookup(officer, 'xoa.toi', 'kiểm tra');
      expect(again).toMatchObject({ status: 'revoked', displayName: '–' });
      expect(again?.erasedAt).not.toBeNull();
      expect(Object.fromEntries(again?.held.map((one) => [one.kind, one.count]) ?? [])).toMatchObject({
        grants: 1,
        sessions: 0,
        credentials: 0,
        lockouts: 0,
      });
      expect(code(await personal.erase(officer, id, 'Đơn').catch((e) => e))).toBe('request.conflict');
      const [entry] = await query<{ after: { removed: object; kept: string[] } }>(
        `select after from audit_log where action = 'personal.erase' and object_id = $1`,
        [id],
      );
      expect(entry?.after.kept).toContain('audit');
      expect((await personal.runs(officer))[0]?.subjectId).toBe(id);
    });

    it('lets what was kept long enough expire, and nothing younger', async () => {
      const now = clock.now();
      const at = (days: number) => new Date(now - days * DAY_MS);
      await query(
        `insert into devices (id, site, name, type, search_text) values ('may', 'main', 'Máy', 'salinity', 'may')`,
      );
      await query(
        `insert into cameras (id, name, geom, source, search_text)
         values ('cam', 'Cam', ST_SetSRID(ST_MakePoint(110, 10), 4326), '{"kind": "test-pattern"}', 'cam')`,
      );
      for (const days of [89, 91])
        await query(
          `insert into quarantine (received_at, source, device_id, code, reason, payload_bytes)
           values ($1, 'mqtt', 'may', 'payload.not_json', 'x', 1)`,
          [at(days)],
        );
      await query(
        `insert into rules (id, kind, name, domain, severity, params, state)
         values ('r', 'threshold', 'r', 'environment', 'major', '{}', 'active')`,
      );
      const alert = async (name: string, state: string) =>
        (
          await query<{ id: number }>(
            `insert into alerts (rule_id, rule_version, kind, title, domain, severity, state, subject_type, subject_id,
               subject_name, raised_at, explanation)
             values ('r', 1, 'threshold', 'x', 'environment', 'major', $2, 'device', $1, 'x', $3, '{}') returning id`,
            [name, state, at(100)],
          )
        )[0]?.id;
      const files: Record<string, string> = {};
      for (const [name, state, days] of [
        ['old', 'closed', 91],
        ['young', 'closed', 10],
        ['open', 'unacknowledged', 91],
      ] as const) {
        files[name] = `alerts/2026/08/${name}.jpg`;
        mkdirSync(dirname(join(mediaDir, files[name])), { recursive: true });
        writeFileSync(join(mediaDir, files[name]), 'jpeg');
        await query(
          `insert into alert_snapshots (alert_id, camera_id, camera_name, distance_m, taken_at, file, sha256, bytes)
           values ($1, 'cam', 'Cam', 1, $2, $3, 'x', 4)`,
          [await alert(name, state), at(days), files[name]],
        );
      }
      // What somebody has ordered to stay, stays.
      await query(
        `insert into quarantine (received_at, source, device_id, code, reason, payload_bytes)
         values ($1, 'mqtt', 'may', 'payload.not_json', 'held', 1)`,
        [at(200)],
      );
      await query(
        `insert into legal_holds (reason, device_ids, from_time, to_time, placed_by, placed_at)
         values ('Vụ án', '{may}', $1, $2, 'x', now())`,
        [at(201), at(199)],
      );
      const removed = await personal.expire();
      expect(removed).toMatchObject({ messages: 1, pictures: 1 });
      expect(await query('select reason from quarantine order by id')).toEqual([
        { reason: 'x' },
        { reason: 'held' },
      ]);
      expect(existsSync(join(mediaDir, files.old ?? ''))).toBe(false);
      expect(existsSync(join(mediaDir, files.young ?? ''))).toBe(true);
      expect(existsSync(join(mediaDir, files.open ?? ''))).toBe(true);
      const [run] = await personal.runs(officer);
      expect(run).toMatchObject({ kind: 'retention', by: null, removed: { messages: 1, pictures: 1 } });
      // Nothing is left to do, so nothing is written.
      await personal.expire();
      expect((await personal.runs(officer))[0]?.id).toBe(run?.id);
    });
  });
});
