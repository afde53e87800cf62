import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretStore } from '../../../core/ports.ts';

const SECRET = 'audit/anchor-key';
const PUBLIC_FILE = /^anchor-key-[0-9a-f]{16}\.pub$/;

/** Signs what leaves the database: anchors, closings, exports. Ed25519. */
export interface Signer {
  keyId: string;
  publicKeyPem: string;
  /** base64url of 64 bytes */
  sign(purpose: Purpose, text: string): string;
}

/** Public keys by their ids. */
export type KeyRing = ReadonlyMap<string, KeyObject>;

/** A signature for one purpose is worth nothing for another. */
export type Purpose = 'anchor' | 'close' | 'export';

const message = (purpose: Purpose, text: string) =>
  Buffer.from(`haidang-audit-${purpose}:v1\n${text}`, 'utf8');

/** The key of this centre, made at the first start; its public half lies in the folder for whoever verifies. */
export async function openSigner(secrets: SecretStore, folder: string): Promise<Signer> {
  let pem = await secrets.get(SECRET);
  if (pem === undefined) {
    pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await secrets.set(SECRET, pem);
  }
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const keyId = idOf(publicKey);
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `anchor-key-${keyId}.pub`);
  if (!existsSync(file)) writeFileSync(file, publicKeyPem, { mode: 0o644 });
  return {
    keyId,
    publicKeyPem,
    sign: (purpose, text) => sign(null, message(purpose, text), privateKey).toString('base64url'),
  };
}

export function isSigned(
  keys: KeyRing,
  keyId: string,
  purpose: Purpose,
  text: string,
  signature: string,
): boolean {
  const key = keys.get(keyId);
  if (!key) return false;
  const bytes = Buffer.from(signature, 'base64url');
  return bytes.length === 64 && verify(null, message(purpose, text), key, bytes);
}

/** Every public key of a folder; a key is known by its own hash, never by the name of its file. */
export function readKeys(folder: string): KeyRing {
  if (!existsSync(folder)) return new Map();
  return keyRing(
    readdirSync(folder)
      .filter((file) => PUBLIC_FILE.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8')),
  );
}

export function keyRing(pems: readonly string[]): KeyRing {
  return new Map(
    pems.map((pem) => {
      const key = createPublicKey(pem);
      return [idOf(key), key];
    }),
  );
}

function idOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
