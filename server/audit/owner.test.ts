import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { act } from '../../test/support/audit.ts';
import { testLogger } from '../../test/support/logger.ts';
import { type PostgresCluster, postgresBin, startCluster } from '../../test/support/postgres.ts';
import { migrate, type OpenDatabase, openPool } from '../db/index.ts';
import { createTrail } from './trail.ts';

/** A role that owns its database and nothing beyond, as an administrator makes it for the product. */
describe.skipIf(!postgresBin())('the product’s own role of the database', () => {
  let cluster: PostgresCluster;
  let product: OpenDatabase;

  const open = (user: string, database: string) =>
    openPool({
      connection: {
        connectionString: cluster.url(database).replace('postgres@', `${user}@`),
      },
      max: 2,
      kind: 'postgres',
      logger: testLogger(),
    });
  const run = (database: OpenDatabase, text: string) => database.query({ text, values: [] });

  beforeAll(async () => {
    cluster = startCluster();
    const admin = await open('postgres', 'postgres');
    await run(admin, 'create role product login');
    await run(admin, 'create role haidang_app nologin');
    await run(admin, 'create role haidang_audit nologin');
    await run(admin, 'grant haidang_app, haidang_audit to product');
    await run(admin, 'create database centre owner product');
    const extensions = await open('postgres', 'centre');
    await run(extensions, 'create extension postgis');
    await run(extensions, 'create extension if not exists pg_trgm');
    await run(extensions, 'create extension if not exists btree_gist');
    await extensions.close();
    product = await open('product', 'centre');
    await migrate(product, testLogger());
    await run(admin, 'revoke haidang_audit from product');
    await admin.close();
    const trail = createTrail({ database: product, clock: systemClock, logger: testLogger() });
    for (let n = 0; n < 3; n++) await product.transaction((tx) => trail.record(tx, act(n)));
  });
  afterAll(async () => {
    await product?.close();
    cluster?.remove();
  });

  it('appends to the trail and reads it', async () => {
    expect(await run(product, 'select seq from audit_log order by seq')).toEqual([
      { seq: 1 },
      { seq: 2 },
      { seq: 3 },
    ]);
  });

  it.each([
    ['change a row', `update audit_log set actor_name = 'mai' where seq = 1`],
    ['delete a row', 'delete from audit_log where seq = 1'],
    ['empty the trail', 'truncate audit_log'],
    ['put a row in', `insert into audit_log select * from audit_log where seq = 1`],
    ['switch its triggers off', 'alter table audit_log disable trigger all'],
    ['take a trigger away', 'drop trigger audit_log_append_only on audit_log'],
    [
      'change what a trigger does',
      `create or replace function audit_forbid_change() returns trigger language plpgsql as $$ begin return null; end $$`,
    ],
    [
      'change how a row is appended',
      `create or replace function audit_append(p_chain text, p_entries text[]) returns bigint language sql as $$ select 1::bigint $$`,
    ],
    ['run no triggers in its session', `set session_replication_role = replica`],
    ['become the owner', 'set role haidang_audit'],
    [
      'give itself the right',
      `do $$ begin grant update on audit_log to product; update audit_log set reason = 'x'; end $$`,
    ],
    ['make itself the owner', 'alter table audit_log owner to product'],
    ['forge a closing', `insert into audit_checkpoints values ('centre', 2, sha256('x'), now(), '{}', '')`],
    ['close what is young', `select audit_close('centre', 2, '{}', '', now())`],
  ])('cannot %s', async (_what, text) => {
    await expect(run(product, text)).rejects.toMatchObject({ code: '42501' });
    expect(await run(product, 'select seq from audit_log')).toHaveLength(3);
  });

  it('records as the role of those who asked, which can do nothing else with the trail', async () => {
    await product.transaction(async (tx) => {
      await tx.query({ text: 'set local role haidang_app', values: [] });
      await createTrail({ database: product, clock: systemClock, logger: testLogger() }).record(tx, act(4));
    });
    expect(await run(product, 'select seq from audit_log where seq = 4')).toHaveLength(1);
    for (const text of ['select * from audit_log', 'delete from audit_log']) {
      const attempt = product.transaction(async (tx) => {
        await tx.query({ text: 'set local role haidang_app', values: [] });
        await tx.query({ text, values: [] });
      });
      await expect(attempt).rejects.toMatchObject({ code: '42501' });
    }
  });
});
