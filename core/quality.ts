/** Quality of one stored value. Suspect values count as valid; the others are kept but used nowhere. */
export const QUALITY = { good: 0, suspect: 1, bad: 2, calibrating: 3, fault: 4 } as const;
export type QualityName = keyof typeof QUALITY;
export type QualityCode = (typeof QUALITY)[QualityName];

const NAMES: readonly QualityName[] = ['good', 'suspect', 'bad', 'calibrating', 'fault'];

export function qualityName(code: number): QualityName {
  return NAMES[code] ?? 'bad';
}

/** Only good and suspect values enter rules, means and indices (Circular 10/2021: statuses 01 and 02 are kept apart). */
export function isValidQuality(code: number): boolean {
  return code === QUALITY.good || code === QUALITY.suspect;
}
