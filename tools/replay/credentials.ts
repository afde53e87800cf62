import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export interface Credential {
  username: string;
  password: string;
}

/** Credentials of the devices that a replay speaks for: shown once at registration, needed again for the next run. */
export interface CredentialBook {
  get(deviceId: string): Credential | undefined;
  set(deviceId: string, credential: Credential): void;
}

const Book = z.record(z.string(), z.object({ username: z.string(), password: z.string() }));

/** Kept in a file that only its owner may read. */
export function fileCredentials(file: string): CredentialBook {
  const book: z.infer<typeof Book> = existsSync(file)
    ? Book.parse(JSON.parse(readFileSync(file, 'utf8')))
    : {};
  return {
    get: (deviceId) => (Object.hasOwn(book, deviceId) ? book[deviceId] : undefined),
    set(deviceId, credential) {
      book[deviceId] = credential;
      writeFileSync(file, `${JSON.stringify(book, null, 2)}\n`, { mode: 0o600 });
    },
  };
}
