import type { Pt } from './plane.ts';

/**
 * Paints the real coast away where the invented one takes its place: from the eastern joint out to sea, round to the
 * western joint, and back over what will be land again. Degrees.
 */
export const SEA_DEG: Pt[] = [
  [106.155924, 9.357245],
  [106.34, 9.2],
  [106.1, 8.7],
  [105.6, 8.42],
  [105.22, 8.45],
  [105.125977, 8.65997],
  [105.1, 8.78],
  [105.2, 9.0],
  [105.55, 9.26],
  [105.95, 9.42],
];

/** The inland side of the frame's land, from the western joint to the eastern one; all on real land. Degrees. */
export const LAND_INLAND_DEG: Pt[] = [
  [105.03, 8.7],
  [104.97, 8.95],
  [104.95, 9.4],
  [105.15, 9.72],
  [105.5, 9.85],
  [105.85, 9.74],
  [106.06, 9.5],
];
