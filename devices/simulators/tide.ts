const HOUR_MS = 3_600_000;

interface Constituent {
  /** Metres at the coast. */
  amplitudeM: number;
  periodH: number;
  /** Our own choice: it only says when in the month springs and neaps fall. */
  phaseDeg: number;
  /** Kilometres upstream in which the amplitude falls to 1/e; the faster the wave, the sooner friction eats it. */
  dampingKm: number;
}

/**
 * The mixed, mainly semidiurnal tide off the southern delta. Periods are astronomy; amplitudes are rounded from the
 * published harmonic constants of the coast around Vũng Tàu (M2 ≈ 0.8, K1 ≈ 0.6, O1 ≈ 0.45, S2 ≈ 0.3 m), which give
 * two unequal high waters a day and a range of about 3 m at springs.
 */
const CONSTITUENTS: readonly Constituent[] = [
  { amplitudeM: 0.78, periodH: 12.4206012, phaseDeg: 35, dampingKm: 70 },
  { amplitudeM: 0.3, periodH: 12, phaseDeg: 80, dampingKm: 70 },
  { amplitudeM: 0.6, periodH: 23.93447213, phaseDeg: 312, dampingKm: 130 },
  { amplitudeM: 0.45, periodH: 25.81934171, phaseDeg: 262, dampingKm: 130 },
];

/** How fast high water travels upstream. */
const CELERITY_KM_H = 24;

/** Sum of all amplitudes at the coast. */
export const MAX_TIDE_M = 2.13;

/** Height over mean water in metres, `seaKm` kilometres upstream of the mouth. */
export function tideM(timeMs: number, seaKm: number): number {
  const hours = timeMs / HOUR_MS - seaKm / CELERITY_KM_H;
  let height = 0;
  for (const { amplitudeM, periodH, phaseDeg, dampingKm } of CONSTITUENTS) {
    const phase = 2 * Math.PI * (hours / periodH - phaseDeg / 360);
    height += amplitudeM * Math.exp(-seaKm / dampingKm) * Math.cos(phase);
  }
  return height;
}

/** Metres per hour, positive while the water rises. */
export function tideRateMH(timeMs: number, seaKm: number): number {
  const stepMs = 5 * 60_000;
  return ((tideM(timeMs + stepMs, seaKm) - tideM(timeMs - stepMs, seaKm)) / (2 * stepMs)) * HOUR_MS;
}
