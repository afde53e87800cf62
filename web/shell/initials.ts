/** Vietnamese names are called by the last word: `Trần Thùy Linh` → `TL`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const [first, last] = [words[0] ?? '', words.length > 1 ? (words.at(-1) ?? '') : ''];
  return ((first[0] ?? '') + (last[0] ?? '')).toUpperCase();
}
