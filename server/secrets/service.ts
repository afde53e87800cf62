import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { Database, SecretStore } from '../../core/ports.ts';
import { KEY_BYTES, open, seal } from './seal.ts';
import { anySealed, deleteSealed, lockSealed, readSealed, writeSealed } from './sql.ts';

export interface SecretStoreOptions {
  database: Database;
  /** `<dataDir>/secret.key`: 32 random bytes in hexadecimal, mode 600, made at the first start. */
  keyFile: string;
}

/**
 * Opens the secret store. Throws `config.invalid` when the key file can be read by others, is broken, or is not the
 * one that the stored secrets were sealed with: going on would only lose them later.
 */
export async function createSecretStore({ database, keyFile }: SecretStoreOptions): Promise<SecretStore> {
  // Should another process make the file between the two steps, `makeKey` fails and its file is read.
  const key = readKey(keyFile) ?? makeKey(keyFile) ?? readKey(keyFile);
  if (!key) throw new AppError('config.invalid', { detail: `${keyFile} cannot be made` });
  const probe = await anySealed(database);
  if (probe) {
    try {
      open(key, probe.name, probe.sealed);
    } catch (error) {
      throw new AppError('config.invalid', {
        detail: `${keyFile} is not the key that the secrets in the database were sealed with; put the right file back`,
        cause: error,
      });
    }
  }
  return {
    async get(name) {
      const sealed = await readSealed(database, name);
      return sealed === undefined ? undefined : open(key, name, sealed);
    },
    set: (name, value, within = database) => writeSealed(within, name, seal(key, name, value)),
    update: (name, change) =>
      database.transaction(async (tx) => {
        await lockSealed(tx, name);
        const sealed = await readSealed(tx, name);
        const current = sealed === undefined ? undefined : open(key, name, sealed);
        const next = change(current);
        if (next !== current) await writeSealed(tx, name, seal(key, name, next));
        return next;
      }),
    delete: (name, within = database) => deleteSealed(within, name),
  };
}

function readKey(file: string): Buffer | undefined {
  let text: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new AppError('config.invalid', { detail: `${file} can be read by others; chmod 600 it` });
    }
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const key = Buffer.from(text, 'hex');
  if (key.length !== KEY_BYTES) throw new AppError('config.invalid', { detail: `${file} is not a key file` });
  return key;
}

function makeKey(file: string): Buffer | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const key = randomBytes(KEY_BYTES);
  const partial = `${file}.${process.pid}`;
  // Flushed to disk before anything is sealed with it: secrets that outlive their key are gone for good.
  const handle = openSync(partial, 'w', 0o600);
  try {
    writeSync(handle, `${key.toString('hex')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    // A hard link appears whole or not at all, and never over a file that is there.
    linkSync(partial, file);
    return key;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    unlinkSync(partial);
  }
}
