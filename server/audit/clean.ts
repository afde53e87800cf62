import { canonicalJson, type Json, sha256Hex } from './canonical.ts';

/** Bounds of what an entry keeps of an object: enough to see a change, never a copy of the data. */
const MAX_TEXT = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
const MAX_BYTES = 8192;

/** Names of fields that hold a secret, whatever object they stand in. */
const SECRET_NAME =
  /pass(word|phrase|wd)?$|secret|token|credential|otp$|totp|private|cookie|authorization|api_?key|recovery/i;
/** The scheme is bounded, or a long text without one would be looked through once per character. */
const URL_CREDENTIAL = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"']+@/gi;
const QUERY_SECRET = /([?&](?:ticket|token|sign|password|secret|key)=)[^&\s"']+/gi;

const HIDDEN = '***';
const RESTRICTED = '[restricted]';

/** A text as the trail may keep it: well-formed, without NUL (PostgreSQL has none), without credentials, bounded. */
export function cleanText(text: string, max = MAX_TEXT): string {
  const whole = text
    .toWellFormed()
    .replaceAll('\u0000', '\ufffd')
    .replace(URL_CREDENTIAL, `$1${HIDDEN}@`)
    .replace(QUERY_SECRET, `$1${HIDDEN}`);
  // By characters, so that no surrogate pair is cut.
  return whole.length <= max ? whole : `${[...whole.slice(0, 2 * max)].slice(0, max - 1).join('')}…`;
}

/** An object as JSON that may be kept for years: secrets, restricted fields and what is beyond the bounds left out. */
export function cleanObject(value: object, restricted: ReadonlySet<string>): Json {
  const clean = (node: unknown, depth: number): Json => {
    if (node === null || node === undefined) return null;
    if (typeof node === 'string') return cleanText(node);
    if (typeof node === 'number') return Number.isFinite(node) ? node : null;
    if (typeof node === 'boolean') return node;
    if (typeof node === 'bigint') return String(node);
    if (node instanceof Date) return Number.isNaN(node.getTime()) ? null : node.toISOString();
    if (typeof node !== 'object') return null;
    if (node instanceof Uint8Array) return `[${node.length} bytes]`;
    if (depth >= MAX_DEPTH) return '…';
    const items: readonly unknown[] | undefined = Array.isArray(node)
      ? node
      : node instanceof Set
        ? [...node]
        : undefined;
    if (items) {
      const kept = items.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1));
      return items.length > MAX_ITEMS ? [...kept, `… ${items.length - MAX_ITEMS} more`] : kept;
    }
    const out: [string, Json][] = [];
    const members = Object.entries(node).filter(([, child]) => child !== undefined);
    if (members.length > MAX_ITEMS) out.push(['…', `${members.length - MAX_ITEMS} more`]);
    for (const [key, child] of members.slice(0, MAX_ITEMS)) {
      // A flag such as `hasCredential` says nothing secret.
      const isValue = child !== null && typeof child !== 'boolean';
      if (isValue && SECRET_NAME.test(key)) out.push([cleanText(key, 100), HIDDEN]);
      else if (child !== null && restricted.has(key)) out.push([cleanText(key, 100), RESTRICTED]);
      else out.push([cleanText(key, 100), clean(child, depth + 1)]);
    }
    return Object.fromEntries(out);
  };
  return clean(value, 0);
}

/** Only the members that are not the same in both. */
export function differing(before: Json, after: Json): { before: Json; after: Json } {
  if (!isObject(before) || !isObject(after)) return { before, after };
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].filter(
    (key) => canonicalJson(before[key] ?? null) !== canonicalJson(after[key] ?? null),
  );
  const pick = (from: { readonly [key: string]: Json }): Json =>
    Object.fromEntries(
      changed.filter((key) => Object.hasOwn(from, key)).map((key) => [key, from[key] ?? null]),
    );
  return { before: pick(before), after: pick(after) };
}

/** The canonical text, or, when it is beyond the bound, what it was the text of. */
export function bounded(value: Json): string {
  const text = canonicalJson(value);
  const bytes = Buffer.byteLength(text);
  return bytes <= MAX_BYTES ? text : canonicalJson({ '…': 'too large', bytes, sha256: sha256Hex(text) });
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
