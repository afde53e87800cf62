/**
 * The image process: the only place where bytes from a camera meet an image decoder. It knows three
 * formats, one page, a bounded number of pixels and a bounded memory; past any bound it refuses or dies,
 * and the parent starts another. IPC: `{ id, bytes, width }` → `{ id, … }`.
 */
import sharp from 'sharp';
import type { ImageJob, ImageReply } from './images.ts';

process.on('disconnect', () => process.exit(0));

// Only these loaders exist here: no SVG, GIF, PDF, HEIF, TIFF, however the bytes are named.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
sharp.cache(false);
sharp.concurrency(1);

const MAX_PIXELS = 40_000_000;
const MAX_RSS_BYTES = 320 * 1024 * 1024;
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp']);

process.on('message', (message) => {
  const job = message as ImageJob;
  // The decoder works in other threads, so this timer runs while it does.
  const guard = setInterval(() => {
    if (process.memoryUsage.rss() > MAX_RSS_BYTES) process.exit(70);
  }, 20);
  void examine(job)
    .catch((error: unknown): ImageReply => {
      const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable';
      return { id: job.id, ok: false, detail: detail.slice(0, 200) };
    })
    .then((reply) => {
      clearInterval(guard);
      process.send?.(reply);
    });
});

async function examine({ id, bytes, width }: ImageJob): Promise<ImageReply> {
  const image = sharp(bytes, {
    limitInputPixels: MAX_PIXELS,
    pages: 1,
    failOn: 'error',
    sequentialRead: true,
  });
  const metadata = await image.metadata();
  if (!FORMATS.has(metadata.format ?? '')) return { id, ok: false, detail: 'format not allowed' };
  if (width !== null && width < metadata.width) image.resize({ width, withoutEnlargement: true });
  // Written anew even at its own size: what leaves here holds pixels only, no metadata and no trailing bytes.
  const { data, info } = await image.rotate().jpeg({ quality: 82 }).toBuffer({ resolveWithObject: true });
  return { id, ok: true, bytes: data, width: info.width, height: info.height };
}
