import { z } from 'zod';
import { canonicalJson, type Json, sha256Hex } from '../canonical.ts';
import { isSigned, type KeyRing, type Signer } from './keys.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Number0 = z.number().int().min(0);
const common = {
  v: z.literal(1),
  at: z.iso.datetime(),
  /** SHA-256 of the line before, also across files; zeros in front of the first. */
  prev: Hash,
  /** Id of the key that signed. */
  key: z.string(),
};

/**
 * One line of an anchor file: canonical JSON with its signature in `sig`.
 * - `open`: the first line of a file, with the heads of all chains so far
 * - `anchor`: the head of one chain, and of each row since the last anchor the first bytes of its hash, so that the
 *   first rewritten row can be named and not only its minute
 * - `close`: a segment was closed and its rows removed, up to `seq`
 * - `restored`: the database went back to an older state, and somebody says so; anchors beyond `seq` end here
 */
const Content = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('open'),
    heads: z.record(z.string(), z.strictObject({ seq: Number0, hash: Hash })),
  }),
  z.strictObject({
    ...common,
    type: z.literal('anchor'),
    chain: z.string(),
    from: Number0,
    seq: Number0,
    hash: Hash,
    rows: z.string(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('close'),
    chain: z.string(),
    seq: Number0,
    hash: Hash,
  }),
  z.strictObject({
    ...common,
    type: z.literal('restored'),
    chain: z.string(),
    seq: Number0,
    hash: Hash.nullable(),
    by: z.string(),
    reason: z.string(),
  }),
]);
export type AnchorLine = z.infer<typeof Content>;
type Sealed = 'v' | 'prev' | 'key';
/** A line before it is linked and signed. */
export type AnchorDraft = AnchorLine extends infer L
  ? L extends AnchorLine
    ? Omit<L, Sealed>
    : never
  : never;

export const FIRST_PREV = '0'.repeat(64);
/** Bytes of each row's hash that an anchor keeps: they locate a change; the head's whole hash proves it. */
export const PREFIX_BYTES = 6;

/** The text of a line, without the end of line. */
export function sealLine(draft: AnchorDraft, prev: string, signer: Signer): string {
  const content = { ...draft, v: 1, prev, key: signer.keyId } as unknown as { [key: string]: Json };
  return canonicalJson({ ...content, sig: signer.sign('anchor', canonicalJson(content)) });
}

export const lineHash = (text: string): string => sha256Hex(text);

/** Undefined for what is no line of ours (a torn write, for example). */
export function parseLine(text: string): { line: AnchorLine; sig: string } | undefined {
  try {
    const { sig, ...content } = JSON.parse(text) as Record<string, unknown>;
    const line = Content.safeParse(content);
    return line.success && typeof sig === 'string' ? { line: line.data, sig } : undefined;
  } catch {
    return undefined;
  }
}

export function isLineSigned({ line, sig }: { line: AnchorLine; sig: string }, keys: KeyRing): boolean {
  return isSigned(keys, line.key, 'anchor', canonicalJson(line as unknown as Json), sig);
}
