import type { KeyRing } from './keys.ts';
import { type AnchorLine, FIRST_PREV, isLineSigned, lineHash, PREFIX_BYTES, parseLine } from './line.ts';

/** What the anchors say about one chain. */
export interface ChainAnchors {
  /** First bytes of the hashes of consecutive rows, by the first one's number. */
  segments: { from: number; prefixes: Buffer; at: string }[];
  heads: { seq: number; hash: string; at: string }[];
  /** The last number that was ever anchored and not taken back. */
  to: number;
}

interface AnchorProblem {
  file: string;
  /** From 1. */
  line: number;
  kind: 'unreadable' | 'signature' | 'link';
}

/** A stretch of rows that is known to be lost, because the database was put back to an older state. */
interface KnownLoss {
  chain: string;
  from: number;
  to: number;
  at: string;
  by: string;
  reason: string;
}

export interface Evidence {
  chains: Map<string, ChainAnchors>;
  lines: number;
  lastAt: string | null;
  problems: AnchorProblem[];
  losses: KnownLoss[];
}

/** Reads anchor files, in the order of their names, into what they prove. Pure; `text` is a whole file. */
export function readEvidence(files: readonly { file: string; text: string }[], keys: KeyRing): Evidence {
  const evidence: Evidence = { chains: new Map(), lines: 0, lastAt: null, problems: [], losses: [] };
  let prev = FIRST_PREV;
  for (const { file, text } of files) {
    const lines = text.split('\n');
    const last = lines.length - 1;
    for (const [index, content] of lines.entries()) {
      if (content === '') continue;
      const problem = (kind: AnchorProblem['kind']) =>
        evidence.problems.push({ file, line: index + 1, kind });
      const parsed = parseLine(content);
      if (!parsed) {
        // A write that was cut off by a crash has no end of line, or is followed by one that links past it.
        const next = parseLine(lines[index + 1] ?? '');
        if (index !== last && next?.line.prev !== prev) problem('unreadable');
        continue;
      }
      evidence.lines += 1;
      if (parsed.line.prev !== prev) problem('link');
      prev = lineHash(content);
      if (!isLineSigned(parsed, keys)) {
        problem('signature');
        continue;
      }
      evidence.lastAt = parsed.line.at;
      take(evidence, parsed.line);
    }
  }
  for (const chain of evidence.chains.values()) {
    chain.segments.sort((a, b) => a.from - b.from);
    chain.heads.sort((a, b) => a.seq - b.seq);
  }
  return evidence;
}

function take(evidence: Evidence, line: AnchorLine): void {
  const { at } = line;
  if (line.type === 'open') {
    for (const [name, head] of Object.entries(line.heads)) addHead(evidence, name, { ...head, at });
    return;
  }
  if (line.type === 'restored') {
    takeBack(evidence, line);
    return;
  }
  addHead(evidence, line.chain, { seq: line.seq, hash: line.hash, at });
  if (line.type === 'anchor') {
    const prefixes = Buffer.from(line.rows, 'base64url');
    chainOf(evidence, line.chain).segments.push({ from: line.from, prefixes, at });
  }
}

function chainOf(evidence: Evidence, name: string): ChainAnchors {
  let chain = evidence.chains.get(name);
  if (!chain) {
    chain = { segments: [], heads: [], to: 0 };
    evidence.chains.set(name, chain);
  }
  return chain;
}

function addHead(evidence: Evidence, name: string, head: ChainAnchors['heads'][number]): void {
  const chain = chainOf(evidence, name);
  chain.heads.push(head);
  chain.to = Math.max(chain.to, head.seq);
}

function takeBack(evidence: Evidence, line: Extract<AnchorLine, { type: 'restored' }>): void {
  const chain = chainOf(evidence, line.chain);
  const { seq, at, by, reason } = line;
  if (chain.to > seq)
    evidence.losses.push({ chain: line.chain, from: seq + 1, to: chain.to, at, by, reason });
  chain.heads = chain.heads.filter((head) => head.seq <= seq);
  chain.segments = chain.segments
    .filter((segment) => segment.from <= seq)
    .map((segment) => ({
      ...segment,
      prefixes: segment.prefixes.subarray(0, (seq - segment.from + 1) * PREFIX_BYTES),
    }));
  chain.to = Math.min(chain.to, seq);
}
