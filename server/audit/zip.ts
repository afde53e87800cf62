import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipEntry {
  name: string;
  /** Read once, when its turn comes: it may depend on the entries before it. */
  content: AsyncIterable<string> | Iterable<string>;
}

/** Names in UTF-8, sizes and checksum behind the data, as a stream has to have them. */
const FLAGS = 0x0808;
const DEFLATE = 8;
const VERSION = 20;

/** A ZIP archive as a stream of bytes; below 4 GiB, for it has no ZIP64 parts. */
export async function* zip(entries: Iterable<ZipEntry>, at: Date): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const start = offset;
    const fileName = Buffer.from(name, 'utf8');
    const local = Buffer.concat([header(0x04034b50, at, { crc: 0, packed: 0, size: 0 }, fileName), fileName]);
    yield local;
    offset += local.length;
    const sums = { crc: 0, packed: 0, size: 0 };
    for await (const chunk of deflated(content, sums)) {
      sums.packed += chunk.length;
      offset += chunk.length;
      yield chunk;
    }
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(sums.crc, 4);
    descriptor.writeUInt32LE(sums.packed, 8);
    descriptor.writeUInt32LE(sums.size, 12);
    yield descriptor;
    offset += descriptor.length;
    directory.push(directoryEntry(at, sums, fileName, start));
  }
  const entryBytes = Buffer.concat(directory);
  yield entryBytes;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  yield end;
}

interface Sums {
  crc: number;
  packed: number;
  size: number;
}

function deflated(content: ZipEntry['content'], sums: Sums): AsyncIterable<Buffer> {
  async function* counted() {
    for await (const text of content) {
      const bytes = Buffer.from(text, 'utf8');
      sums.crc = crc32(bytes, sums.crc);
      sums.size += bytes.length;
      yield bytes;
    }
  }
  // Who reads the result hears of an error in the content.
  return pipeline(Readable.from(counted()), createDeflateRaw(), () => {});
}

function directoryEntry(at: Date, sums: Sums, fileName: Buffer, start: number): Buffer {
  const common = header(0x02014b50, at, sums, fileName);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(start, 10);
  // The directory has the version that made it in front, and comment, disk and attributes behind.
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(VERSION, 0);
  return Buffer.concat([common.subarray(0, 4), madeBy, common.subarray(4), tail, fileName]);
}

/** What local headers and directory entries have in common: 30 bytes. */
function header(signature: number, at: Date, sums: Sums, fileName: Buffer): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(VERSION, 4);
  bytes.writeUInt16LE(FLAGS, 6);
  bytes.writeUInt16LE(DEFLATE, 8);
  bytes.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 10);
  bytes.writeUInt16LE(
    ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    12,
  );
  bytes.writeUInt32LE(sums.crc, 14);
  bytes.writeUInt32LE(sums.packed, 18);
  bytes.writeUInt32LE(sums.size, 22);
  bytes.writeUInt16LE(fileName.length, 26);
  return bytes;
}
