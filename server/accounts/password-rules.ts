import { fold } from '../../core/text.ts';
import { COMMON_WORDS } from './common-words.ts';
import type { SignInPolicy } from './policy.ts';

const MIN_DISTINCT = 5;
/** Characters that must be left when everything that is tried first is taken out. */
const MIN_UNGUESSED = 6;
const SHORTEST_RUN = 4;
/** Digits and signs that stand for letters. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
/** Along these, forwards and backwards, lie the runs that fingers find by themselves. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx3edc4rfv',
].flatMap((run) => [run, [...run].reverse().join('')]);
const KINDS = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u] as const;

export interface PasswordRule {
  length: number;
  kinds: number;
}

/** What is asked of a password, with a second factor beside it or without. */
export function passwordRule(policy: SignInPolicy, hasSecondFactor: boolean): PasswordRule {
  return hasSecondFactor
    ? { length: Math.min(policy.passwordLengthWithSecondFactor, policy.passwordLength), kinds: 1 }
    : { length: policy.passwordLength, kinds: policy.passwordKinds };
}

/** Why a password is too weak, in English, or undefined. */
export function passwordWeakness(password: string, username: string, rule: PasswordRule): string | undefined {
  if ([...password].length < rule.length) return `shorter than ${rule.length} characters`;
  const kinds = KINDS.filter((kind) => kind.test(password)).length;
  if (kinds < rule.kinds)
    return `fewer than ${rule.kinds} kinds of characters (small letters, capitals, digits, others)`;
  return guessability(password, username);
}

/** Whether it stands without a second factor. */
export function isFullPassword(password: string, username: string, policy: SignInPolicy): boolean {
  return passwordWeakness(password, username, passwordRule(policy, false)) === undefined;
}

/** Why somebody would guess it, whatever its length. */
export function guessability(password: string, username: string): string | undefined {
  if (new Set(password).size < MIN_DISTINCT) return `fewer than ${MIN_DISTINCT} different characters`;
  const plain = fold(password);
  const bare = plain.replace(/[\s._-]/g, '');
  const name = username.replace(/[._-]/g, '');
  if (username.length >= 4 && bare.includes(name)) return 'contains the user name';
  // Once as it stands and once with the usual disguises taken off; a run of digits is no disguise.
  const undisguised = [...withoutRuns(bare)].map((char) => LEET[char] ?? char).join('');
  if (Math.min(unguessed(bare), unguessed(undisguised)) < MIN_UNGUESSED)
    return 'hardly more than words, years and key runs that are tried first';
  return undefined;
}

/** How many different characters are left of a text when common words, runs, years and repetitions are taken out. */
function unguessed(text: string): number {
  let rest = text;
  for (const word of COMMON_WORDS) rest = rest.replaceAll(word, ' ');
  rest = withoutRuns(rest)
    .replace(/(?:19|20)\d\d/g, ' ')
    .replace(/(.{1,4}?)\1{2,}/g, ' ')
    .replace(/[^\p{L}\p{Nd}]/gu, '');
  return new Set(rest).size;
}

function withoutRuns(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const length = runAt(text, at);
    if (length >= SHORTEST_RUN) {
      out += ' ';
      at += length;
    } else out += text[at++];
  }
  return out;
}

/** Length of the longest run that begins here. */
function runAt(text: string, at: number): number {
  let longest = 0;
  for (const run of RUNS) {
    for (let from = run.indexOf(text[at] ?? ''); from >= 0; from = run.indexOf(text[at] ?? '', from + 1)) {
      let length = 1;
      while (length + from < run.length && text[at + length] === run[from + length]) length++;
      longest = Math.max(longest, length);
    }
  }
  return longest;
}
