import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedTestDatabase } from '../../test/support/embedded.ts';
import { dropReady } from './embedded-protocol.ts';
import type { EmbeddedDatabase } from './index.ts';

describe('the embedded database', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await createEmbeddedTestDatabase();
  });
  afterAll(async () => {
    await database?.close();
  });

  it('gives every question its own answer, however many errors came before', async () => {
    for (let i = 1; i <= 150; i++) {
      const zero = sql`select 1 / ${0}::int as never`;
      const broken = database.transaction(async (tx) => await tx.query(i % 2 === 0 ? zero : sql`selec ${i}`));
      await expect(broken).rejects.toThrow();
      const rows = await database.transaction(
        async (tx) => await tx.query<{ i: number }>(sql`select ${i}::int as i`),
      );
      expect(rows).toEqual([{ i }]);
      await expect(database.query(zero)).rejects.toThrow(/division by zero/);
      expect(await database.query(sql`select ${-i}::int as i`)).toEqual([{ i: -i }]);
    }
  });

  it('gives large answers whole', async () => {
    const rows = await database.query<{ n: number }>(
      sql`select n, repeat('x', ${500}::int) as text from generate_series(1, ${20_000}::int) as n`,
    );
    expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
  });
});

describe('answers without an early ready', () => {
  const message = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };

  it('keep everything else in its order', () => {
    const rows = [
      message('1', Buffer.alloc(0)),
      message('D', Buffer.from('Z\0\0\0\x05I')),
      message('E', Buffer.alloc(30)),
    ];
    const ready = message('Z', Buffer.from('I'));
    expect(dropReady(Buffer.concat([...rows, ready]))).toEqual(Buffer.concat(rows));
    expect(dropReady(Buffer.concat(rows))).toEqual(Buffer.concat(rows));
    expect(dropReady(Buffer.alloc(0))).toHaveLength(0);
  });
});
