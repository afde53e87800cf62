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
