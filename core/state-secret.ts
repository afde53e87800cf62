/**
 * Marks of state secrets. The product may not hold such content, so what carries a mark is refused before a byte of it
 * is kept (docs/classes.md lists the marks). A mark is the label of a document or a field that says its class, never a
 * word inside a text: "mật độ", "bí mật" and "mật ong" are none.
 */

/** Fields and columns that say a class, in lower case without blanks, dots, dashes and marks. */
const FIELDS = new Set([
  'class',
  'dataclass',
  'classification',
  'securityclass',
  'securitylevel',
  'secrecy',
  'domat',
  'mucdomat',
  'dobaomat',
]);

/** What such a field says of a state secret; of Vietnamese words as they are written and without their marks. */
const VALUES = new Set([
  'tuyệt mật',
  'tối mật',
  'mật',
  'bí mật nhà nước',
  'tuyet mat',
  'toi mat',
  'mat',
  'bi mat nha nuoc',
  'state secret',
  'top secret',
  'secret',
]);

/** The stamp of a document: capital letters, alone or in brackets before a title. */
const STAMPS = new Set(['TUYỆT MẬT', 'TỐI MẬT', 'MẬT']);
const LONGEST_STAMP = 64;
const BRACKETS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '【': '】' };
/** "Độ mật: Tối mật" anywhere in a text. */
const DECLARED = /độ\s+mật\s*[:=–—-]\s*(?:tuyệt\s+mật|tối\s+mật|mật)(?!\p{L})/iu;

const nameOf = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/[^a-z]+/g, '');

const wordsOf = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_.-]+/gu, ' ')
    .replace(/^[\s"'[(]+|[\s"'\])]+$/gu, '');

/** Whether a field of this name says with this value that it belongs to a state secret. */
export const saysStateSecret = (name: string, value: string): boolean =>
  FIELDS.has(nameOf(name)) && VALUES.has(wordsOf(value));

function isStamped(text: string): boolean {
  const plain = text.normalize('NFC').replace(/^[\s"'*#=_-]+/u, '');
  const isStamp = (inner: string) => STAMPS.has(inner.trim().replace(/\s+/gu, ' '));
  const closing = BRACKETS[plain[0] ?? ''];
  if (closing !== undefined) {
    const end = plain.slice(0, LONGEST_STAMP).indexOf(closing);
    if (end > 0 && isStamp(plain.slice(1, end))) return true;
  }
  if (plain.length <= LONGEST_STAMP && isStamp(plain.replace(/[\s"'*#=_.-]+$/u, ''))) return true;
  return DECLARED.test(plain);
}

/** How deep and how far content is looked through; what is beyond no schema of ours takes. */
const MAX_DEPTH = 40;

/** Whether parsed JSON carries a mark: a field that says so, or a text that is one. */
export function isMarkedValue(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isStamped(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false;
  // Coordinates: the bulk of every map, and never text.
  if (Array.isArray(value))
    return typeof value[0] !== 'number' && value.some((inner) => isMarkedValue(inner, depth + 1));
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && saysStateSecret(name, inner)) return true;
    if (isMarkedValue(inner, depth + 1)) return true;
  }
  return false;
}

/** `name: value` or `"name": "value"`. */
function isSayingPair(part: string): boolean {
  if (part.length > 200) return false;
  const at = part.search(/[:=]/);
  return at > 0 && saysStateSecret(part.slice(0, at), part.slice(at + 1));
}

/** Whether a text carries a mark: JSON, a table with a column that says so, `name: value` lines, or a stamped page. */
export function isMarkedText(text: string): boolean {
  if (/^\s*[[{"]/.test(text)) {
    try {
      return isMarkedValue(JSON.parse(text));
    } catch {
      // Broken JSON is looked at as text, with the escapes that JSON has read.
      text = text.replace(/\\u([0-9a-f]{4})/gi, (_all, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
    }
  }
  const lines = text.split(/\r\n?|\n/);
  const separator = [';', '\t', ','].find((mark) => lines[0]?.includes(mark)) ?? ',';
  const columns = (lines[0] ?? '').split(separator);
  const saying = columns.flatMap((name, at) => (FIELDS.has(nameOf(name)) ? [at] : [])).slice(0, 4);
  return lines.some((line, at) => {
    if (isStamped(line)) return true;
    if (line.split(/[,;{}]/).some(isSayingPair)) return true;
    if (at === 0) return false;
    const cells = line.split(separator);
    // A table may hold its separator inside quotes: then the cell stands further on.
    return saying.some((column) =>
      cells.slice(column).some((cell) => VALUES.has(wordsOf(cell)) && cell.trim() !== ''),
    );
  });
}

const BACKSLASH = 0x5c;
const MAT = [0x6d, 0x61, 0x74];
const SECR = [0x73, 0x65, 0x63, 0x72];

/**
 * Whether a message as it came carries a mark. Nearly all are plain figures: those are known by their bytes, at less
 * than a microsecond for 200 of them, and only what could hold a mark is read as text.
 */
export function isMarked(bytes: Uint8Array): boolean {
  return couldBeMarked(bytes) && isMarkedText(new TextDecoder().decode(bytes));
}

function couldBeMarked(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80 || byte === BACKSLASH) return true;
    const letter = byte | 0x20;
    if (letter === MAT[0] && isWordAt(bytes, at, MAT)) return true;
    if (letter === SECR[0] && isWordAt(bytes, at, SECR)) return true;
  }
  return false;
}

const isWordAt = (bytes: Uint8Array, at: number, word: readonly number[]) =>
  word.every((letter, offset) => ((bytes[at + offset] ?? 0) | 0x20) === letter);
