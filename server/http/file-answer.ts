import type { Response } from 'express';

/**
 * What follows is a file and no page: with this name (RFC 6266, whatever is in it), saved rather than shown when
 * somebody opens its address. Pictures inside a page are shown all the same.
 */
export function answerFile(res: Response, type: string, name: string): void {
  // Sets the type by the ending, too; ours comes after it.
  res.attachment(name.replaceAll(/[\p{Cc}\\/:]/gu, '_'));
  res.setHeader('Content-Type', type);
}
