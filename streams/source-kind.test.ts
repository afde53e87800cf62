import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { noFfmpeg } from '../test/support/media.ts';
import { fileInside } from './cameras.ts';
import { pictureArgs } from './ffmpeg/args.ts';
import { findFfmpeg } from './ffmpeg/find.ts';
import { SCENE_NAMES, sceneGraph } from './scenes/scenes.ts';
import { escapeText } from './scenes/text.ts';
import { type InputContext, loadSources } from './source-kind.ts';

const sources = await loadSources();
const ffmpeg = await findFfmpeg({ searchPath: '/usr/local/bin:/usr/bin:/bin' });
const context: InputContext = {
  purpose: 'live',
  relayUrl: 'rtsp://127.0.0.1:4000/token',
  filePath: '/media/a.mp4',
  name: 'Cầu Cảng',
  nowMs: Date.UTC(2026, 10, 22, 1),
  utcOffsetMin: 420,
  fontFile: ffmpeg?.fontFile,
};

describe('camera sources', () => {
  it('are found in their folder', () => {
    expect(sources.kinds()).toEqual(['file', 'rtsp', 'test-pattern']);
  });

  for (const { kind, valid, invalid } of sources.samples())
    it(`${kind} takes its valid samples and refuses the others`, () => {
      for (const sample of valid) {
        const args = sources.read(sample).args(context);
        expect(args.filter((arg) => arg === '-i')).toHaveLength(1);
        expect(args).toContain('-protocol_whitelist');
        // Nothing of a camera's address is in the arguments.
        if (kind === 'rtsp') expect(args.at(-1)).toBe(context.relayUrl);
      }
      for (const sample of invalid)
        expect(() => sources.read(sample), JSON.stringify(sample)).toThrow('invalid_source');
    });

  it('refuse kinds that do not exist', () => {
    for (const source of [null, 'rtsp', {}, { kind: 'exec' }, { kind: '../file' }, { kind: '__proto__' }])
      expect(() => sources.read(source)).toThrow('invalid_source');
  });
});

describe('files of the media folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'haidang-files-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const media = join(root, 'media');
  mkdirSync(join(media, 'sub'), { recursive: true });
  writeFileSync(join(root, 'secret.mp4'), 'x');
  writeFileSync(join(media, 'sub', 'a.mp4'), 'x');
  symlinkSync('../secret.mp4', join(media, 'link.mp4'));

  it('are found inside it, and nothing outside it, also not through a link', async () => {
    expect(await fileInside(media, 'sub/a.mp4')).toMatch(/sub\/a\.mp4$/);
    for (const path of ['link.mp4', '../secret.mp4', 'sub', 'none.mp4', '.', ''])
      await expect(fileInside(media, path), path).rejects.toMatchObject({ code: 'invalid_source' });
    await expect(fileInside(join(root, 'none'), 'a.mp4')).rejects.toMatchObject({ code: 'invalid_source' });
  });
});

describe('drawn scenes', () => {
  const request = { name: 'Cầu Cảng', startMs: context.nowMs, utcOffsetMin: 420, fontFile: context.fontFile };

  it('are the same for the same camera and moment, and differ between cameras', () => {
    for (const scene of SCENE_NAMES) {
      const one = sceneGraph({ ...request, scene });
      expect(sceneGraph({ ...request, scene })).toBe(one);
      expect(sceneGraph({ ...request, scene, name: 'Chợ Nổi' })).not.toBe(one);
    }
  });

  it('escape a name so that nothing of it reaches the filter graph', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
        // Undo what the graph parser and then the option parser do; an unescaped special ends the text.
        const level = (text: string, specials: RegExp) => {
          let out = '';
          for (let i = 0; i < text.length; i++) {
            if (text[i] === '\\') out += text[++i] ?? '';
            else {
              expect(text[i]).not.toMatch(specials);
              out += text[i];
            }
          }
          return out;
        };
        const option = level(escapeText(name), /['[\],;]/);
        const shown = level(option, /[':]/);
        expect(shown).toBe([...name.normalize('NFC').replace(/\p{C}+/gu, ' ')].slice(0, 56).join('').trim());
      }),
    );
  });

  it.skipIf(noFfmpeg !== undefined)('are drawn by this FFmpeg, whatever the camera is called', async () => {
    const names = ['Ngã tư "Hải Đăng"; [a], b: 100% \\ it\'s', '%{eif:1/0:d}', "';movie=/etc/passwd,'", ''];
    const pictures = SCENE_NAMES.map((scene, index) => {
      const args = sources.read({ kind: 'test-pattern', scene }).args({
        ...context,
        purpose: 'still',
        name: names[index % names.length] ?? '',
        nowMs: index * 4 * 3_600_000,
      });
      return execFileSync(ffmpeg?.path ?? '', pictureArgs(args), {
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 1e7,
      });
    });
    for (const picture of pictures) expect(picture.length).toBeGreaterThan(8000);
  });
});
