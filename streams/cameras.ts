import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MediaFailure } from './failure.ts';
import type { Credential } from './relay/digest.ts';

/** A camera as media needs it. The source never holds a credential. */
export interface CameraRecord {
  id: string;
  name: string;
  enabled: boolean;
  /** As stored: `{ kind, … }`, validated by the plug-in of its kind. */
  source: unknown;
}

export interface CameraDirectory {
  byId(id: string): CameraRecord | undefined;
  all(): Iterable<CameraRecord>;
}

/** The credential of a camera, asked for at each dial and kept nowhere. */
export type CameraSecrets = (cameraId: string) => Promise<Credential | undefined>;

/** A camera that may be shown. Throws `MediaFailure('invalid_source')` for one that may not. */
export function cameraToShow(directory: CameraDirectory, id: string): CameraRecord {
  const camera = directory.byId(id);
  if (!camera) throw new MediaFailure('invalid_source', 'no such camera');
  if (!camera.enabled) throw new MediaFailure('invalid_source', 'the camera is switched off');
  return camera;
}

/** The real path of a file below the media folder; a link that leads out of it is refused. */
export async function fileInside(root: string, path: string): Promise<string> {
  const missing = () => new MediaFailure('invalid_source', 'no such file in the media folder');
  const base = await realpath(root).catch(() => undefined);
  if (base === undefined) throw missing();
  const real = await realpath(join(base, path)).catch(() => undefined);
  if (real === undefined || !real.startsWith(base + sep)) throw missing();
  const found = await stat(real).catch(() => undefined);
  if (!found?.isFile()) throw missing();
  return real;
}
