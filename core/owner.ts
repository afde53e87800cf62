import { AppError } from './errors.ts';
import type { AgencyDirectory } from './ports.ts';

/** Whose a row is: the agency, and the words that a list shows. */
export interface Owner {
  text: string | null;
  agencyId: string | null;
}

/**
 * Who owns a row after it is written: an agency that is given counts; otherwise the words decide, when they name one.
 * Absent = unchanged, null = removed. Throws `request.invalid` for an agency that there is not, or no longer.
 */
export function ownerAfter(
  agencies: Pick<AgencyDirectory, 'isActive' | 'nameOf' | 'named'>,
  input: { ownerAgency?: string | null | undefined; agencyId?: string | null | undefined },
  before: Owner = { text: null, agencyId: null },
): Owner {
  const { ownerAgency: text, agencyId } = input;
  if (agencyId === undefined && text === undefined) return before;
  if (agencyId === undefined)
    return { text: text ?? null, agencyId: text ? (agencies.named(text) ?? null) : null };
  if (agencyId === null) {
    // Words that name an agency would give the row back to it at the next start.
    const words = text === undefined ? before.text : text;
    return { text: words !== null && agencies.named(words) === undefined ? words : null, agencyId: null };
  }
  if (!agencies.isActive(agencyId) && agencyId !== before.agencyId)
    throw new AppError('request.invalid', { detail: `agencyId: there is no agency ${agencyId}` });
  return { text: text ?? agencies.nameOf(agencyId)?.vi ?? null, agencyId };
}
