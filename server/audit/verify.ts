import type { ChainAnchors } from './anchors/evidence.ts';
import { PREFIX_BYTES } from './anchors/line.ts';
import { genesisHash, rowHash } from './canonical.ts';
import { canonicalRow } from './row.ts';
import type { AuditRow } from './sql.ts';

/**
 * - `edited`: the row is not what its hash was made of, or not the one its successor was written after
 * - `missing`: rows were taken out, whether or not the numbers behind were closed up
 * - `inserted`: a row stands there that was not written there
 * - `moved`: the row was written under another number, or in another chain
 * - `cut`: rows that were anchored are not there any more
 * - `rewritten`: the chain holds together, but is not the one that was anchored
 * - `closing`: the closing of the oldest segment is not signed, or does not fit the first row
 */
type BadKind = 'edited' | 'missing' | 'inserted' | 'moved' | 'cut' | 'rewritten' | 'closing';

interface BadRow {
  seq: number;
  kind: BadKind;
  /** For `moved`, the number under which it was written; for `missing` and `cut`, the last number that is gone. */
  other: number | null;
  /** When the row that is gone or another one was anchored; null when the chain alone shows the fault. */
  anchoredAt: string | null;
}

export interface ChainVerdict {
  chain: string;
  /** Rows looked at; all of them when nothing is bad. */
  rows: number;
  /** The number of the first row there is to be; greater than 1 when segments were closed. */
  from: number;
  head: { seq: number; hash: string } | null;
  /** The last number that is anchored; rows after it are younger than the last anchor. */
  anchoredTo: number;
  firstBad: BadRow | null;
}

export interface ChainStart {
  /** Number and hash of the last row that was closed. */
  seq: number;
  hash: Uint8Array;
}

/** How far around a row its own number is looked for. */
const NEAR = 5000;

/**
 * Verifies the rows of one chain, in the order of their numbers, against their hashes and against the anchors. Stops
 * at the first bad row. Pure: the rows may come from a database, an export or a test.
 */
export async function verifyChain(
  chain: string,
  rows: AsyncIterable<AuditRow> | Iterable<AuditRow>,
  evidence: { start?: ChainStart; anchors?: ChainAnchors },
): Promise<ChainVerdict> {
  const { start, anchors } = evidence;
  const anchored = createAnchorCheck(anchors, start?.seq ?? 0);
  const verdict: ChainVerdict = {
    chain,
    rows: 0,
    from: (start?.seq ?? 0) + 1,
    head: null,
    anchoredTo: anchors?.to ?? 0,
    firstBad: null,
  };
  const startSeq = start?.seq ?? 0;
  let prevSeq = startSeq;
  let prevHash: Buffer = Buffer.from(start?.hash ?? genesisHash(chain));

  for await (const [row, next] of withNext(rows)) {
    const bad = faultOf(row, next, { prevSeq, prevHash, startSeq }) ?? contradiction(row, next, anchored);
    if (bad) {
      verdict.firstBad = bad;
      return verdict;
    }
    verdict.rows += 1;
    verdict.head = { seq: row.seq, hash: row.hash.toString('hex') };
    prevSeq = row.seq;
    prevHash = row.hash;
  }
  if (anchors && anchors.to > prevSeq) {
    const at = anchors.heads.find((head) => head.seq > prevSeq)?.at ?? null;
    verdict.firstBad = { seq: prevSeq + 1, kind: 'cut', other: anchors.to, anchoredAt: at };
  }
  return verdict;
}

/** What the chain itself says against a row. */
function faultOf(
  row: AuditRow,
  next: AuditRow | undefined,
  { prevSeq, prevHash, startSeq }: { prevSeq: number; prevHash: Buffer; startSeq: number },
): BadRow | null {
  const expected = prevSeq + 1;
  const bad = (seq: number, kind: BadKind, other: number | null = null): BadRow => ({
    seq,
    kind,
    other,
    anchoredAt: null,
  });
  if (row.seq !== expected) return bad(expected, 'missing', row.seq - 1);
  if (fits(row, row.seq)) {
    if (row.prev_hash.equals(prevHash)) return null;
    // It is as it was written, but after another row than the one that stands before it.
    if (prevSeq === 0) return bad(row.seq, 'moved');
    return bad(prevSeq, prevSeq === startSeq ? 'closing' : 'edited');
  }
  const written = numberOf(row);
  if (written === undefined)
    // A row behind that was written under this number says that this one was put in between.
    return next && !fits(next, next.seq) && fits(next, row.seq)
      ? bad(row.seq, 'inserted')
      : bad(row.seq, 'edited');
  const shift = written - row.seq;
  const isWholeRest = next !== undefined && !fits(next, next.seq) && fits(next, next.seq + shift);
  if (shift < 0 && (isWholeRest || next === undefined)) return bad(written, 'inserted');
  if (shift > 0 && (isWholeRest || next === undefined)) return bad(row.seq, 'missing', written - 1);
  return bad(row.seq, 'moved', written);
}

/** What the anchors say against a row that the chain itself has nothing against. */
function contradiction(
  row: AuditRow,
  next: AuditRow | undefined,
  anchored: (seq: number, hash: Buffer) => string | null,
): BadRow | null {
  const anchoredAt = anchored(row.seq, row.hash);
  if (anchoredAt === null) return null;
  const kind =
    next && !fits(next, next.seq) && fits(next, row.seq)
      ? 'inserted'
      : next && fits(next, next.seq) && !next.prev_hash.equals(row.hash)
        ? 'edited'
        : 'rewritten';
  return { seq: row.seq, kind, other: null, anchoredAt };
}

/** Whether the hash of a row is that of its entry under a number. */
function fits(row: AuditRow, seq: number): boolean {
  return rowHash(row.prev_hash, seq, canonicalRow(row)).equals(row.hash);
}

/** The number under which a row was written, looked for near the one it has. */
function numberOf(row: AuditRow): number | undefined {
  const entry = canonicalRow(row);
  for (let distance = 1; distance <= NEAR; distance++)
    for (const seq of [row.seq - distance, row.seq + distance])
      if (seq > 0 && rowHash(row.prev_hash, seq, entry).equals(row.hash)) return seq;
  return undefined;
}

/** Compares rows, in ascending order, with the anchors; answers with the time of the anchor that says otherwise. */
function createAnchorCheck(
  anchors: ChainAnchors | undefined,
  after: number,
): (seq: number, hash: Buffer) => string | null {
  const segments = anchors?.segments ?? [];
  const heads = anchors?.heads ?? [];
  let head = heads.findIndex(({ seq }) => seq > after);
  if (head < 0) head = heads.length;
  let first = 0;
  const lastOf = (segment: ChainAnchors['segments'][number]) =>
    segment.from + segment.prefixes.length / PREFIX_BYTES - 1;
  return (seq, hash) => {
    for (let segment = segments[first]; segment && lastOf(segment) < seq; segment = segments[first]) first++;
    for (let i = first; ; i++) {
      const segment = segments[i];
      if (!segment || segment.from > seq) break;
      if (lastOf(segment) < seq) continue;
      const at = (seq - segment.from) * PREFIX_BYTES;
      const prefix = segment.prefixes.subarray(at, at + PREFIX_BYTES);
      if (!prefix.equals(hash.subarray(0, PREFIX_BYTES))) return segment.at;
    }
    for (let known = heads[head]; known && known.seq <= seq; known = heads[head]) {
      head++;
      if (known.seq === seq && known.hash !== hash.toString('hex')) return known.at;
    }
    return null;
  };
}

/** Each item with the one after it. */
async function* withNext<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<[T, T | undefined]> {
  let held: { item: T } | undefined;
  for await (const item of items) {
    if (held) yield [held.item, item];
    held = { item };
  }
  if (held) yield [held.item, undefined];
}
