import { AppError } from '../../core/errors.ts';

/**
 * Refuses texts, in values and in keys, that no database and no other program takes: with a null in them, or with
 * half a character. `where` begins the sentence that says where it was.
 */
export function refuseUnstorable(value: unknown, where: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw new AppError('request.invalid', { detail: `${where}: a text with a null or half a character` });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      if (!Array.isArray(value)) refuseUnstorable(key, where);
      refuseUnstorable(part, where);
    }
  }
}
