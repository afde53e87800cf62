import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by the UTF-16 code units of their names,
 * strings and numbers as ECMAScript writes them. Takes what JSON can say: no NaN, no lone surrogates.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = value as { readonly [key: string]: Json };
    return canonicalObject(
      Object.keys(members).map((key): [string, string] => [key, canonicalJson(members[key] ?? null)]),
    );
  }
  return JSON.stringify(value);
}

/** An object from the canonical texts of its members. */
export function canonicalObject(members: readonly (readonly [string, string])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

const FORMAT = 'haidang-audit:v1:';

/** h₀ of a chain: it binds the rows to the chain's name. */
export function genesisHash(chain: string): Buffer {
  return createHash('sha256').update(`${FORMAT}${chain}`, 'utf8').digest();
}

/** hₙ = SHA-256(hₙ₋₁ ‖ n as eight bytes, big-endian ‖ canonical entry in UTF-8). The database makes the same. */
export function rowHash(previous: Uint8Array, seq: number, entry: string): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(BigInt(seq));
  return createHash('sha256').update(previous).update(number).update(entry, 'utf8').digest();
}

export const sha256Hex = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex');
