/** Three rings that grow and fade, one after the other, and then nothing. */
const PULSES = 3;
const ONE_MS = 900;
export const PULSES_MS = PULSES * ONE_MS;

export function pulseAt(elapsedMs: number): { radiusPx: number; opacity: number } | null {
  if (elapsedMs < 0 || elapsedMs >= PULSES_MS) return null;
  const t = (elapsedMs % ONE_MS) / ONE_MS;
  // Fast at first, slow at the end: the eye is caught, not chased.
  const eased = 1 - (1 - t) ** 3;
  return { radiusPx: 12 + 26 * eased, opacity: 0.85 * (1 - t) };
}
