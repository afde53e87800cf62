const LONGEST_PX = 110;

/** The longest of 1, 2, 5 × 10ⁿ metres that fits, and its width in pixels (whole). */
export function scaleOf(metresPerPx: number): { metres: number; widthPx: number } {
  const longestM = metresPerPx * LONGEST_PX;
  const power = 10 ** Math.floor(Math.log10(longestM));
  const step = [5, 2, 1].find((factor) => factor * power <= longestM) ?? 1;
  const metres = step * power;
  return { metres, widthPx: Math.round(metres / metresPerPx) };
}
