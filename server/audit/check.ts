import type { AuditVerification } from '../../core/api/audit.ts';
import type { Queryable } from '../../core/ports.ts';
import { type Evidence, readEvidence } from './anchors/evidence.ts';
import { isSigned, type KeyRing } from './anchors/keys.ts';
import { readAnchorFiles } from './anchors/log.ts';
import { type AuditRow, type CheckpointRow, checkpoints, heads, rowsAfter } from './sql.ts';
import { type ChainVerdict, verifyChain } from './verify.ts';

const PAGE_ROWS = 1000;

/**
 * Verifies every chain of the database against the anchors in a folder: the whole of `audit verify`, with or without
 * a running product. Reads only.
 */
export async function checkTrail(options: {
  database: Queryable;
  /** Folder with the anchor files. */
  folder: string;
  keys: KeyRing;
  nowMs(): number;
}): Promise<AuditVerification> {
  const { database, folder, keys, nowMs } = options;
  const startedMs = nowMs();
  // The anchors first: what is in them was committed before, so the rows must be there.
  const evidence = readEvidence(readAnchorFiles(folder), keys);
  const rowHeads = new Map((await heads(database)).map((head) => [head.chain, head.seq]));
  const closings = new Map((await checkpoints(database)).map((closing) => [closing.chain, closing]));
  const names = new Set([...rowHeads.keys(), ...closings.keys(), ...evidence.chains.keys()]);

  const chains: ChainVerdict[] = [];
  for (const chain of [...names].sort()) {
    const closing = closings.get(chain);
    chains.push(
      closing && !isClosingSigned(closing, keys)
        ? badClosing(closing)
        : await verifyChain(chain, pages(database, chain, closing?.seq ?? 0, rowHeads.get(chain) ?? 0), {
            start: closing,
            anchors: evidence.chains.get(chain),
          }),
    );
  }
  const hasRows = chains.some((chain) => chain.rows > 0);
  const isMissing = hasRows && evidence.lines === 0;
  return {
    ok: chains.every((chain) => chain.firstBad === null) && evidence.problems.length === 0 && !isMissing,
    chains,
    anchors: anchorSummary(evidence, isMissing),
    checkedAt: new Date(startedMs).toISOString(),
    tookMs: Math.max(0, nowMs() - startedMs),
  };
}

async function* pages(db: Queryable, chain: string, after: number, upTo: number): AsyncGenerator<AuditRow> {
  for (let at = after; at < upTo; ) {
    const rows = await rowsAfter(db, chain, at, upTo, PAGE_ROWS);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    at = last.seq;
  }
}

/** The signed document must name this very closing. */
function isClosingSigned(closing: CheckpointRow, keys: KeyRing): boolean {
  try {
    const document = JSON.parse(closing.document) as Record<string, unknown>;
    return (
      document.chain === closing.chain &&
      document.seq === closing.seq &&
      document.hash === closing.hash.toString('hex') &&
      typeof document.key === 'string' &&
      isSigned(keys, document.key, 'close', closing.document, closing.signature)
    );
  } catch {
    return false;
  }
}

function badClosing(closing: CheckpointRow): ChainVerdict {
  return {
    chain: closing.chain,
    rows: 0,
    from: closing.seq + 1,
    head: null,
    anchoredTo: 0,
    firstBad: { seq: closing.seq, kind: 'closing', other: null, anchoredAt: null },
  };
}

function anchorSummary(evidence: Evidence, isMissing: boolean): AuditVerification['anchors'] {
  return {
    lines: evidence.lines,
    lastAt: evidence.lastAt,
    missing: isMissing,
    problems: evidence.problems.slice(0, 20),
    losses: evidence.losses,
  };
}
