import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '../../core/audit-actions.ts';
import { AUDIT_FIELDS } from '../../core/audit-fields.ts';
import type { Language } from '../state/index.ts';

const word = (
  words: Readonly<Record<string, { vi: string; en: string }>>,
  code: string,
  language: Language,
): string => (Object.hasOwn(words, code) ? (words[code]?.[language] ?? code) : code);

/** An act in words; one of another release stands as its code. */
export const actionWord = (code: string, language: Language) => word(AUDIT_ACTIONS, code, language);
export const objectWord = (code: string, language: Language) => word(AUDIT_OBJECTS, code, language);
export const fieldWord = (name: string, language: Language) => word(AUDIT_FIELDS, name, language);

export interface FieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

/** One line per field that an entry keeps, in the order in which it was kept; null = the field was not there. */
export function changesOf(before: unknown, after: unknown, say: (value: unknown) => string): FieldChange[] {
  const left = membersOf(before);
  const right = membersOf(after);
  return [...new Set([...left.keys(), ...right.keys()])].map((field) => ({
    field,
    before: left.has(field) ? say(left.get(field)) : null,
    after: right.has(field) ? say(right.get(field)) : null,
  }));
}

function membersOf(kept: unknown): Map<string, unknown> {
  if (kept === null || kept === undefined) return new Map();
  return typeof kept === 'object' && !Array.isArray(kept)
    ? new Map(Object.entries(kept))
    : new Map([['', kept]]);
}
