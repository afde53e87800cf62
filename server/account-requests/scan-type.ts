import type { RequestScan } from '../../core/api/account-requests.ts';
import { AppError } from '../../core/errors.ts';

type MediaType = RequestScan['mediaType'];

const starts = (bytes: Uint8Array, at: number, wanted: readonly number[]) =>
  wanted.every((byte, i) => bytes[at + i] === byte);
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
/** The end of a PDF stands in its last kilobyte (ISO 32000-1, 7.5.5 and annex H). */
const PDF_TAIL_BYTES = 1024;

/**
 * What a file is by its own bytes; its name and what the sender calls it count for nothing. A PDF must begin with its
 * mark and have its end near the end, so that a page with a PDF glued to it is none.
 *
 * Throws `account_request.scan_refused`.
 */
export function scanTypeOf(bytes: Uint8Array): MediaType {
  if (starts(bytes, 0, ascii('%PDF-')) && hasPdfEnd(bytes)) return 'application/pdf';
  if (starts(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) && starts(bytes, 12, ascii('IHDR')))
    return 'image/png';
  if (starts(bytes, 0, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (starts(bytes, 0, ascii('RIFF')) && starts(bytes, 8, ascii('WEBP'))) return 'image/webp';
  throw new AppError('account_request.scan_refused');
}

function hasPdfEnd(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(-PDF_TAIL_BYTES)).toString('latin1').includes('%%EOF');
}

const SCAN_ENDINGS: Readonly<Record<MediaType, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

/** A file name as it may be shown and offered again: no folder, no control or direction characters, its true ending. */
export function scanName(given: string, type: MediaType): string {
  const base = given
    .normalize('NFC')
    .replace(/^.*[/\\]/s, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"<>:|?*%;]/gu, '')
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .trim()
    .slice(0, 100)
    .replace(/^\.+/, '');
  return `${base === '' ? 'van-ban' : base}.${SCAN_ENDINGS[type]}`;
}
