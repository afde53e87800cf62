import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { createImages } from './images.ts';

const images = createImages({ clock: systemClock });
afterAll(() => images.stop());

const picture = (format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif', width = 400, height = 200) =>
  sharp({ create: { width, height, channels: 3, background: '#884422' } })
    .toFormat(format)
    .toBuffer();

/** A PNG of a few kilobytes that says it is 50 000 × 50 000. */
function pngBomb(): Buffer {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (data: Buffer) => {
    let c = 0xffffffff;
    for (const byte of data) c = (crcTable[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(50_000, 0);
  head.writeUInt32BE(50_000, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(2_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

describe('the image process', () => {
  it('gives a clean JPEG of the wanted width and never enlarges', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const small = await images.normalise(await picture(format), 320);
      expect([small.width, small.height]).toEqual([320, 160]);
      expect((await sharp(small.jpeg).metadata()).format).toBe('jpeg');
      expect((await images.normalise(await picture(format), 1280)).width).toBe(400);
    }
  });

  it('takes metadata and trailing bytes off', async () => {
    const tagged = await sharp(await picture('jpeg'))
      .withExif({ IFD0: { Copyright: 'SECRETMARK' } })
      .toBuffer();
    const clean = await images.normalise(Buffer.concat([tagged, Buffer.from('<script>TAIL')]), null);
    expect(clean.jpeg.includes('SECRETMARK') || clean.jpeg.includes('TAIL')).toBe(false);
  });

  it('refuses every other format, by its bytes', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const bytes of [
      await picture('gif'),
      await picture('tiff'),
      await picture('avif'),
      svg,
      Buffer.alloc(0),
    ])
      await expect(images.normalise(bytes, null)).rejects.toMatchObject({ code: 'unsupported' });
    // The head of a JPEG on something else.
    await expect(
      images.normalise(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), svg]), null),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('refuses a picture bomb without using its memory, and goes on working', async () => {
    await images.normalise(await picture('jpeg'), null);
    const before = rssMb(images.pid ?? 0);
    await Promise.all(
      Array.from({ length: 20 }, () =>
        expect(images.normalise(pngBomb(), 320)).rejects.toMatchObject({ code: 'unsupported' }),
      ),
    );
    expect(rssMb(images.pid ?? 0) - before).toBeLessThan(200);
    expect((await images.normalise(await picture('png'), 320)).width).toBe(320);
  });

  it('shows the first picture only of an animation', async () => {
    const frames = Buffer.alloc(40 * 40 * 3 * 50);
    for (let i = 0; i < frames.length; i++) frames[i] = Math.floor(i / 4800) * 5;
    const webp = await sharp(frames, { raw: { width: 40, height: 40 * 50, channels: 3, pageHeight: 40 } })
      .webp({ loop: 0 })
      .toBuffer();
    expect((await sharp(webp).metadata()).pages ?? 0).toBeGreaterThan(10);
    expect((await images.normalise(webp, null)).height).toBe(40);
  });

  it('is started again after it was killed', async () => {
    const job = images.normalise(await picture('jpeg', 4000, 4000), null);
    process.kill(images.pid ?? 0, 'SIGKILL');
    await expect(job).rejects.toMatchObject({ code: 'crashed' });
    expect((await images.normalise(await picture('jpeg'), null)).width).toBe(400);
  });

  it('has a line with an end', async () => {
    const bytes = await picture('jpeg', 1000, 1000);
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => images.normalise(bytes, 320)));
    const busy = results.filter((r) => r.status === 'rejected' && r.reason.code === 'busy');
    expect(busy.length).toBeGreaterThan(100);
    expect(results.filter((r) => r.status === 'fulfilled').length).toBeGreaterThan(60);
  });
});
