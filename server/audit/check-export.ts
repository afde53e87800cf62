import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { isSigned, type KeyRing } from './anchors/keys.ts';
import { canonicalJson, type Json, rowHash } from './canonical.ts';

const Manifest = z.looseObject({
  type: z.literal('export'),
  at: z.string(),
  by: z.string(),
  file: z.string(),
  rows: z.number().int(),
  sha256: z.string(),
  key: z.string(),
  sig: z.string(),
});
const Line = z.object({
  chain: z.string(),
  seq: z.number().int(),
  prevHash: z.string(),
  hash: z.string(),
  entry: z.record(z.string(), z.unknown()),
});

export interface ExportVerdict {
  ok: boolean;
  /** What is wrong, in words; undefined when nothing is. */
  fault: string | undefined;
  rows: number;
  at: string;
  by: string;
}

/** Verifies an unpacked export: the signature, the file's hash, and every row by itself (JSON lines only). */
export async function checkExport(folder: string, keys: KeyRing): Promise<ExportVerdict> {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(folder, 'verification.json'), 'utf8')));
  const { sig, ...content } = manifest;
  const verdict = (fault: string | undefined, rows: number): ExportVerdict => ({
    ok: fault === undefined,
    fault,
    rows,
    at: manifest.at,
    by: manifest.by,
  });
  if (!isSigned(keys, manifest.key, 'export', canonicalJson(content as unknown as Json), sig))
    return verdict('verification.json is not signed by a known key', 0);
  // Never a path: the file lies beside its verification.
  const path = join(folder, basename(manifest.file));
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
  if (sum.digest('hex') !== manifest.sha256)
    return verdict(`${manifest.file} is not the file that was exported`, 0);
  if (!manifest.file.endsWith('.jsonl')) return verdict(undefined, manifest.rows);
  let rows = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    rows += 1;
    const line = Line.parse(JSON.parse(text));
    const entry = canonicalJson(line.entry as Json);
    const hash = rowHash(Buffer.from(line.prevHash, 'hex'), line.seq, entry).toString('hex');
    if (hash !== line.hash) return verdict(`line ${rows} (${line.chain} ${line.seq}) has another hash`, rows);
  }
  return verdict(rows === manifest.rows ? undefined : `there are ${rows} rows, not ${manifest.rows}`, rows);
}
