import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

export interface Ffmpeg {
  path: string;
  origin: 'setting' | 'ffmpeg-static' | 'search path';
  version: string;
  /** Encoder for anything that must be H.264 and is not; undefined = copying only. */
  h264Encoder: 'libx264' | 'libopenh264' | undefined;
  /** Whether text can be drawn into test pictures. */
  canDrawText: boolean;
  /** A font with Vietnamese letters; undefined = no text in test pictures. */
  fontFile: string | undefined;
}

/** Fonts with every Vietnamese letter that Debian, Ubuntu, Alpine, Fedora and macOS put at these places. */
const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf',
  '/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf',
  '/usr/share/fonts/noto/NotoSans-Regular.ttf',
  '/System/Library/Fonts/Supplemental/Arial Unicode.ttf',
];

/**
 * Finds a working FFmpeg: the setting, then ffmpeg-static's binary if the file is there, then the search
 * path. A path that is set but does not work is not replaced in silence: then there is none.
 */
export async function findFfmpeg(settings: {
  ffmpegPath?: string | undefined;
  searchPath: string;
}): Promise<Ffmpeg | undefined> {
  if (settings.ffmpegPath !== undefined && settings.ffmpegPath !== '')
    return examine(settings.ffmpegPath, 'setting');
  const packaged = packagedBinary();
  if (packaged !== undefined && (await allows(packaged, constants.X_OK))) {
    const found = await examine(packaged, 'ffmpeg-static');
    if (found) return found;
  }
  for (const directory of settings.searchPath.split(delimiter)) {
    if (directory === '') continue;
    const candidate = join(directory, 'ffmpeg');
    if (!(await allows(candidate, constants.X_OK))) continue;
    const found = await examine(candidate, 'search path');
    if (found) return found;
  }
  return undefined;
}

function packagedBinary(): string | undefined {
  try {
    const path: unknown = createRequire(import.meta.url)('ffmpeg-static');
    return typeof path === 'string' ? path : undefined;
  } catch {
    // An optional dependency: absent where its download was not possible.
    return undefined;
  }
}

async function allows(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

async function examine(path: string, origin: Ffmpeg['origin']): Promise<Ffmpeg | undefined> {
  const [version, encoders, filters] = await Promise.all([
    ask(path, '-version'),
    ask(path, '-encoders'),
    ask(path, '-filters'),
  ]);
  const number = /^ffmpeg version (\S+)/m.exec(version)?.[1];
  if (number === undefined) return undefined;
  let fontFile: string | undefined;
  for (const font of FONTS) {
    if (await allows(font, constants.R_OK)) {
      fontFile = font;
      break;
    }
  }
  return {
    path,
    origin,
    version: number,
    h264Encoder: (['libx264', 'libopenh264'] as const).find((name) => encoders.includes(` ${name} `)),
    canDrawText: filters.includes(' drawtext '),
    fontFile,
  };
}

function ask(path: string, question: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      path,
      ['-hide_banner', question],
      { timeout: 10_000, env: {}, maxBuffer: 4 * 1024 * 1024 },
      (error, stdout) => resolve(error ? '' : stdout),
    );
  });
}
