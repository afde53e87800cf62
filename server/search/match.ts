import { fold } from '../../core/text.ts';

/** What somebody typed, folded as the names are. */
export interface Sought {
  phrase: string;
  words: readonly string[];
}

/** More words than this narrow nothing down. */
const MAX_WORDS = 8;

/** How well something fits, the best first. */
export const RANK = { exact: 0, prefix: 1, wordPrefix: 2, inside: 3, words: 4 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

/** Undefined when nothing that can be looked for is left. */
export function soughtOf(text: string): Sought | undefined {
  // Invisible characters come along when a name is pasted; a zero byte no database takes.
  const phrase = fold(text.replace(/\p{Cc}/gu, ' ').replace(/[\p{Cf}\p{Cs}]/gu, ''));
  if (phrase === '') return undefined;
  return { phrase, words: [...new Set(phrase.split(' '))].slice(0, MAX_WORDS) };
}

/**
 * The best fit of any of the names, which are folded; undefined when not all words are in them.
 */
export function rankOf(sought: Sought, names: readonly string[]): Rank | undefined {
  let best: Rank | undefined;
  for (const name of names) {
    const rank = phraseRank(sought.phrase, name);
    if (rank !== undefined && (best === undefined || rank < best)) best = rank;
  }
  if (best !== undefined) return best;
  const all = names.join(' ');
  return sought.words.every((word) => all.includes(word)) ? RANK.words : undefined;
}

function phraseRank(phrase: string, name: string): Rank | undefined {
  if (name === phrase) return RANK.exact;
  if (name.startsWith(phrase)) return RANK.prefix;
  let found = name.indexOf(phrase);
  if (found < 0) return undefined;
  for (; found >= 0; found = name.indexOf(phrase, found + 1))
    if (!/[\p{L}\p{N}]/u.test(name.charAt(found - 1))) return RANK.wordPrefix;
  return RANK.inside;
}

/** The same text as a LIKE pattern that means only itself. */
export function likeLiteral(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
