import { createHmac, randomBytes } from 'node:crypto';
import type { CameraSecrets } from './cameras.ts';
import type { Credential } from './relay/digest.ts';

/** Asks for credentials at each dial and remembers only a keyed hash of what was used last. */
export interface Credentials {
  of: CameraSecrets;
  /** Whether the stored credential differs from the one last used; false for a camera never dialled. */
  changed(cameraId: string): Promise<boolean>;
}

export function createCredentials(secrets: CameraSecrets): Credentials {
  // The key lives as long as the process: a mark says nothing to anybody else.
  const key = randomBytes(32);
  const marks = new Map<string, string>();
  const markOf = (credential: Credential | undefined) =>
    createHmac('sha256', key)
      .update(JSON.stringify([credential?.username, credential?.password]))
      .digest('base64');
  return {
    async of(cameraId) {
      const credential = await secrets(cameraId);
      marks.set(cameraId, markOf(credential));
      return credential;
    },
    async changed(cameraId) {
      const used = marks.get(cameraId);
      return used !== undefined && used !== markOf(await secrets(cameraId));
    },
  };
}
