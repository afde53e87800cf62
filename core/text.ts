/**
 * Folds Vietnamese (and other Latin) text for search: NFD, marks dropped, `đ` → `d`, lower case, spaces joined.
 * `fold('Phường Cửa Biển') === 'phuong cua bien'`
 */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** Tells whether the words stand somewhere in the fields, as `fold` reads both; nothing wanted stands in everything. */
export function textFilter(wanted: string): (...fields: readonly (string | null)[]) => boolean {
  const needle = fold(wanted);
  return (...fields) =>
    needle === '' || fold(fields.filter((field) => field !== null).join(' ')).includes(needle);
}

/** The order of names in Vietnamese, numbers inside them by their size. */
export const compareNames = new Intl.Collator('vi', { numeric: true }).compare;

/** A text in the product's two languages. */
export interface Bilingual {
  vi: string;
  en: string;
}

/** Makes a slug that is safe as an identifier and as an MQTT topic segment: `[a-z0-9-]`, at most 64 long. */
export function slug(text: string): string {
  return fold(text)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
