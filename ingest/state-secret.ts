import { isAscii } from 'node:buffer';
import { isMarked } from '../core/state-secret.ts';

/** Below this the thorough look costs less than the quick one. */
const SHORT_BYTES = 256;

/**
 * Whether a message carries the mark of a state secret. Nearly all messages are plain figures; they are known here by
 * native searches for what every mark has in it, at a fifth of what reading their bytes one by one costs.
 */
export function carriesMark(payload: Uint8Array): boolean {
  if (payload.length > SHORT_BYTES && isAscii(payload)) {
    const { buffer, byteOffset, length } = payload;
    const text = Buffer.from(buffer, byteOffset, length).toString('latin1').toLowerCase();
    if (!text.includes('mat') && !text.includes('secr') && !text.includes('\\')) return false;
  }
  return isMarked(payload);
}
