import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { MediaFailure } from './failure.ts';

/** What a source's builder may know about the moment and the machine. */
export interface InputContext {
  /** `live` runs at the speed of the clock until stopped; `still` is for one picture. */
  purpose: 'live' | 'still';
  /** For a source that is reached through the relay: where FFmpeg finds it. */
  relayUrl: string;
  /** For a file: its real path, already checked. */
  filePath: string;
  name: string;
  nowMs: number;
  utcOffsetMin: number;
  fontFile: string | undefined;
}

/** How FFmpeg gets at the pictures; the session does the effects, the plug-in only builds arguments. */
type Reach<S> =
  | { by: 'relay'; url(source: S): string }
  | { by: 'file'; path(source: S): string }
  | { by: 'drawing' };

/** One kind of camera: one file in `sources/`, its default export. */
export interface SourceKind<S> {
  kind: string;
  schema: z.ZodType<S>;
  reach: Reach<S>;
  /** Pure: FFmpeg's input arguments up to and with `-i`. */
  input(source: S, context: InputContext): string[];
  /** Valid descriptions and what must not be accepted: the plug-in's own test data. */
  samples: { valid: readonly S[]; invalid: readonly unknown[] };
}

/** A validated source, ready for use without its type. */
interface CameraInput {
  kind: string;
  reach: { by: 'relay'; url: string } | { by: 'file'; path: string } | { by: 'drawing' };
  args(context: InputContext): string[];
}

export interface SourceRegistry {
  kinds(): string[];
  samples(): { kind: string; valid: readonly unknown[]; invalid: readonly unknown[] }[];
  /** Validates a source as it stands in the directory. Throws `MediaFailure('invalid_source')`. */
  read(source: unknown): CameraInput;
}

type Reader = (source: unknown) => CameraInput;

interface Plugin {
  kind: string;
  samples: SourceKind<unknown>['samples'];
  read: Reader;
}

/** Keeps the type of one kind's source between its schema and its builder. */
export function defineSource<S>(definition: SourceKind<S>): Plugin {
  return {
    kind: definition.kind,
    samples: definition.samples,
    read(source) {
      const parsed = definition.schema.safeParse(source);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = issue?.path.join('.') ?? '';
        throw new MediaFailure('invalid_source', `source ${where}: ${issue?.message ?? 'invalid'}`);
      }
      const { data } = parsed;
      const { reach } = definition;
      return {
        kind: definition.kind,
        reach:
          reach.by === 'relay'
            ? { by: 'relay', url: reach.url(data) }
            : reach.by === 'file'
              ? { by: 'file', path: reach.path(data) }
              : { by: 'drawing' },
        args: (context) => definition.input(data, context),
      };
    },
  };
}

const FOLDER = new URL('./sources/', import.meta.url);

/** Loads every plug-in of the folder. A broken plug-in stops the start: it is part of the build. */
export async function loadSources(): Promise<SourceRegistry> {
  const plugins = new Map<string, Plugin>();
  for (const name of (await readdir(fileURLToPath(FOLDER))).sort()) {
    if (!/^[a-z0-9-]+\.(ts|js)$/.test(name)) continue;
    const module: { default?: Plugin } = await import(new URL(name, FOLDER).href);
    const plugin = module.default;
    if (!plugin?.kind || plugins.has(plugin.kind)) throw new Error(`streams/sources/${name}: no source kind`);
    plugins.set(plugin.kind, plugin);
  }
  return {
    kinds: () => [...plugins.keys()],
    samples: () => [...plugins.values()].map(({ kind, samples }) => ({ kind, ...samples })),
    read(source) {
      const kind =
        typeof source === 'object' && source !== null && 'kind' in source ? source.kind : undefined;
      const plugin = typeof kind === 'string' ? plugins.get(kind) : undefined;
      if (!plugin) throw new MediaFailure('invalid_source', 'unknown kind of camera source');
      return plugin.read(source);
    },
  };
}
