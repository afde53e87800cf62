import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { AuditExportRequest } from '../../core/api/audit.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, scopeOf } from '../../core/permissions.ts';
import type { AreaDirectory, AuditTrail, Database } from '../../core/ports.ts';
import type { Signer } from './anchors/keys.ts';
import { canonicalJson, type Json } from './canonical.ts';
import { CSV_HEADING, csvLine, jsonLine } from './export-lines.ts';
import { filterOf } from './service.ts';
import { type AuditFilter, type AuditPosition, countUpTo, heads, search, type Visible } from './sql.ts';
import { type ZipEntry, zip } from './zip.ts';

/** What a browser can take as one file, and what one request may cost. */
const MAX_ROWS = 200_000;
const PAGE_ROWS = 1000;

export interface AuditExport {
  fileName: string;
  bytes: AsyncIterable<Buffer>;
}

/**
 * The rows of a search as a ZIP: the rows (JSON lines that verify one by one, or CSV), `verification.json` with their
 * SHA-256 and the heads of all chains, signed, and the key's public half. The export is an entry of the trail before
 * its first byte leaves. Throws `request.too_large` beyond 200 000 rows.
 */
export async function exportTrail(
  deps: {
    database: Database;
    clock: Clock;
    areas: AreaDirectory;
    trail: AuditTrail;
    signer: Signer;
  },
  caller: Caller,
  request: z.output<typeof AuditExportRequest>,
): Promise<AuditExport> {
  const { database, clock, areas, trail, signer } = deps;
  const { format, reason, ...asked } = request;
  const at = new Date(clock.now());
  const who: Visible = { scope: scopeOf(caller, 'audit.read') };
  const filter = filterOf(asked, areas);
  // What happens from now on, the export among it, is not in it.
  const end: AuditFilter = { ...filter, to: filter.to && filter.to < at ? filter.to : at };
  const rows = await countUpTo(database, who, end, MAX_ROWS + 1);
  if (rows > MAX_ROWS)
    throw new AppError('request.too_large', { detail: `more than ${MAX_ROWS} rows: narrow the period` });
  await database.transaction((tx) =>
    trail.record(tx, {
      by: caller,
      action: 'audit.export',
      object: { type: 'audit', id: 'export' },
      after: { format, rows, filter: asked },
      reason: reason ?? null,
    }),
  );
  const chainHeads = (await heads(database)).map(({ chain, seq, hash }) => ({
    chain,
    seq,
    hash: hash.toString('hex'),
  }));

  const file = format === 'csv' ? 'audit.csv' : 'audit.jsonl';
  const sum = createHash('sha256');
  let written = 0;
  async function* lines(): AsyncGenerator<string> {
    const line = format === 'csv' ? csvLine : jsonLine;
    if (format === 'csv') yield counted(CSV_HEADING);
    for (let after: AuditPosition | undefined; ; ) {
      const page = await search(database, who, end, after, PAGE_ROWS);
      if (page.length === 0) return;
      written += page.length;
      yield counted(page.map(line).join(''));
      after = page.at(-1);
    }
  }
  const counted = (text: string) => {
    sum.update(text, 'utf8');
    return text;
  };
  function* verification(): Generator<string> {
    const content: { [key: string]: Json } = {
      v: 1,
      type: 'export',
      at: at.toISOString(),
      by: caller.username,
      reason: reason ?? null,
      filter: JSON.parse(JSON.stringify(asked)) as Json,
      file,
      rows: written,
      sha256: sum.digest('hex'),
      heads: chainHeads,
      key: signer.keyId,
    };
    const sig = signer.sign('export', canonicalJson(content));
    yield `${JSON.stringify({ ...content, sig }, null, 2)}\n`;
  }
  function* contents(): Generator<ZipEntry> {
    yield { name: file, content: lines() };
    yield { name: 'verification.json', content: verification() };
    yield { name: `anchor-key-${signer.keyId}.pub`, content: [signer.publicKeyPem] };
    yield { name: 'README.txt', content: [README] };
  }
  return {
    fileName: `haidang-audit-${at.toISOString().slice(0, 19).replaceAll(':', '')}.zip`,
    bytes: zip(contents(), at),
  };
}

const README = `Nhật ký hệ thống Hải Đăng. Kiểm tra: giải nén, rồi chạy
  npx haidang audit verify --export <thư mục>
Khóa công khai nên lấy từ trung tâm, không lấy từ tệp này.

The audit trail of Hải Đăng. To verify: unpack, then run
  npx haidang audit verify --export <folder>
Take the public key from the centre rather than from this file.
`;
