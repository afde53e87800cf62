/**
 * On which side of the line a → b the point p lies: positive = left, negative = right, 0 = exactly on it.
 * The sign is always right: where rounding could have decided it, the same determinant is taken exactly.
 */
export function orientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  const left = (ax - px) * (by - py);
  const right = (ay - py) * (bx - px);
  const det = left - right;
  // Error bound of this determinant in double precision (Shewchuk 1997, "ccwerrboundA").
  if (Math.abs(det) > 3.3306690738754716e-16 * (Math.abs(left) + Math.abs(right))) return det;
  return exactOrientation(ax, ay, bx, by, px, py);
}

/** Every double is a whole number of some small power of two, so big integers give the exact sign. */
function exactOrientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  const values = [ax, ay, bx, by, px, py];
  const unit = Math.min(...values.map(exponentOf));
  const [xa, ya, xb, yb, xp, yp] = values.map((value) => toUnits(value, unit)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const det = (xa - xp) * (yb - yp) - (ya - yp) * (xb - xp);
  return det > 0n ? 1 : det < 0n ? -1 : 0;
}

const view = new DataView(new ArrayBuffer(8));

/** Power of two of the last bit of a double's mantissa. */
function exponentOf(value: number): number {
  view.setFloat64(0, value);
  const biased = (view.getUint16(0) >> 4) & 0x7ff;
  return Math.max(1, biased) - 1075;
}

function toUnits(value: number, unit: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = (bits >> 52n) & 0x7ffn ? fraction | 0x10000000000000n : fraction;
  const magnitude = mantissa << BigInt(exponentOf(value) - unit);
  return value < 0 ? -magnitude : magnitude;
}
