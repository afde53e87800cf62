import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  type PostgresCluster,
  postgresBin,
  startCluster,
} from '../../test/support/postgres.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createSecretStore } from './index.ts';
import { open, seal } from './seal.ts';

const key = Buffer.alloc(32, 7);

describe('a sealed value', () => {
  it('opens to what was sealed, under its own name only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (name, other, value) => {
        const sealed = seal(key, name, value);
        expect(open(key, name, sealed)).toBe(value);
        if (other !== name) expect(() => open(key, other, sealed)).toThrow();
      }),
    );
  });

  it('does not open when any byte was changed, or with another key', () => {
    const sealed = seal(key, 'camera/a', 'hunter2');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(() => open(key, 'camera/a', changed)).toThrow();
    }
    expect(() => open(Buffer.alloc(32, 8), 'camera/a', sealed)).toThrow();
    expect(() => open(key, 'camera/a', Buffer.alloc(3))).toThrow();
  });

  it('never looks the same twice', () => {
    expect(seal(key, 'a', 'b').equals(seal(key, 'a', 'b'))).toBe(false);
  });
});

describe.skipIf(!postgresBin())('the secret store', () => {
  let cluster: PostgresCluster;
  let database: OpenDatabase;
  let dir: string;
  beforeAll(async () => {
    cluster = startCluster();
    database = await createTestDatabase(cluster);
    dir = mkdtempSync(join(tmpdir(), 'haidang-secrets-'));
  });
  afterAll(async () => {
    await database?.close();
    cluster?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it('keeps values across restarts, encrypted in the database, with a key nobody else can read', async () => {
    const keyFile = join(dir, 'fresh', 'secret.key');
    const first = await createSecretStore({ database, keyFile });
    await first.set('camera/north', 'p@ss');
    await first.set('camera/north', 'p@ss2');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const again = await createSecretStore({ database, keyFile });
    expect(await again.get('camera/north')).toBe('p@ss2');
    expect(await again.get('camera/none')).toBeUndefined();
    const rows = await database.query<{ sealed: Buffer }>({ text: 'select sealed from secrets', values: [] });
    expect(rows.map((row) => row.sealed.toString('latin1')).join()).not.toContain('p@ss');
    await again.delete('camera/north');
    expect(await again.get('camera/north')).toBeUndefined();
  });

  it('refuses to start with a key file that others can read, that is broken, or that is not the right one', async () => {
    const keyFile = join(dir, 'second.key');
    const store = await createSecretStore({ database, keyFile });
    await store.set('a', 'b');
    const refusal = async (file: string) => {
      const error = await createSecretStore({ database, keyFile: file }).catch((e: unknown) => e);
      return error instanceof Error ? error.message : undefined;
    };
    chmodSync(keyFile, 0o644);
    expect(await refusal(keyFile)).toContain('read by others');
    chmodSync(keyFile, 0o600);
    const right = readFileSync(keyFile);
    writeFileSync(keyFile, 'short');
    expect(await refusal(keyFile)).toContain('not a key file');
    writeFileSync(keyFile, right);
    expect(await refusal(keyFile)).toBeUndefined();
    expect(await refusal(join(dir, 'other.key'))).toContain('put the right file back');
    await store.delete('a');
  });
});
