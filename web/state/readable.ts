/**
 * Characters that show nothing, or turn the reading order of what follows: a name with one of them looks like another
 * name. Line breaks and tabs stay; so do the joiners that emoji and some scripts need.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Whether JSON text may hold one, as it is or escaped; nearly all text does not, and is then parsed at full speed. */
const SUSPECT =
  /[\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\\[bfu]/u;

const named = (character: string) =>
  `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;

/** The same text with such characters named: `‹U+202E›`. */
export const readable = (text: string): string => text.replace(HIDDEN, named);

/** Parses what the server sent; every text in it can be shown as it is. Throws `SyntaxError` as `JSON.parse` does. */
export function readableJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? readable(value) : value));
}
