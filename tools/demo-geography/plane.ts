/**
 * Plane geometry for the drawing board: points in kilometres, x east, y north. Nothing here knows of longitude.
 */
export type Pt = readonly [x: number, y: number];
export type Line = Pt[];

export const distance = (a: Pt, b: Pt): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

export const mix = (a: Pt, b: Pt, t: number): Pt => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

/** The element at `index`, which the caller knows to exist. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index < 0 ? items.length + index : index];
  if (item === undefined) throw new RangeError(`no element ${index} of ${items.length}`);
  return item;
}

export function lengthOf(line: readonly Pt[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance(at(line, i - 1), at(line, i));
  return sum;
}

/** Signed: positive when the ring runs anticlockwise. A closed ring may or may not repeat its first point. */
export function ringArea(ring: readonly Pt[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const a = at(ring, i);
    const b = at(ring, (i + 1) % ring.length);
    sum += a[0] * b[1] - b[0] * a[1];
  }
  return sum / 2;
}

export function inRing(p: Pt, ring: readonly Pt[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = at(ring, i);
    const b = at(ring, j);
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0])
      inside = !inside;
  }
  return inside;
}

/** First ring is the shell, the others are holes. */
export const inPolygon = (p: Pt, rings: readonly (readonly Pt[])[]): boolean =>
  rings.length > 0 && inRing(p, at(rings, 0)) && !rings.slice(1).some((hole) => inRing(p, hole));

/** `inPolygon` for many questions about one polygon: what lies outside its box is answered at once. */
export function regionOf(rings: readonly (readonly Pt[])[]): (p: Pt) => boolean {
  const [west, south, east, north] = boxOf(at(rings, 0));
  return (p) => p[0] > west && p[0] < east && p[1] > south && p[1] < north && inPolygon(p, rings);
}

export function boxOf(ring: readonly Pt[]): [west: number, south: number, east: number, north: number] {
  const xs = ring.map((p) => p[0]);
  const ys = ring.map((p) => p[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Where two segments cross: position on each, 0…1; undefined when they do not, or are parallel. */
export function crossing(a: Pt, b: Pt, c: Pt, d: Pt): { t: number; u: number; point: Pt } | undefined {
  const rx = b[0] - a[0];
  const ry = b[1] - a[1];
  const sx = d[0] - c[0];
  const sy = d[1] - c[1];
  const det = rx * sy - ry * sx;
  if (Math.abs(det) < 1e-14) return undefined;
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / det;
  const u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / det;
  if (t < 0 || t > 1 || u < 0 || u > 1) return undefined;
  return { t, u, point: mix(a, b, t) };
}

/** Nearest place on a line: segment index, position on it, the point and how far it is. */
export function nearest(line: readonly Pt[], p: Pt): { index: number; t: number; point: Pt; km: number } {
  let best = { index: 0, t: 0, point: at(line, 0), km: Number.POSITIVE_INFINITY };
  for (let i = 0; i + 1 < line.length; i++) {
    const a = at(line, i);
    const b = at(line, i + 1);
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const len2 = dx * dx + dy * dy;
    const t = len2 === 0 ? 0 : Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / len2));
    const point = mix(a, b, t);
    const km = distance(p, point);
    if (km < best.km) best = { index: i, t, point, km };
  }
  return best;
}

export function nearestVertex(line: readonly Pt[], p: Pt): number {
  let best = 0;
  for (let i = 1; i < line.length; i++) if (distance(at(line, i), p) < distance(at(line, best), p)) best = i;
  return best;
}

/** The point that lies `km` along the line, and the direction there in radians (0 = east, anticlockwise). */
export function along(line: readonly Pt[], km: number): { point: Pt; angle: number } {
  let left = Math.max(0, km);
  for (let i = 1; i < line.length; i++) {
    const a = at(line, i - 1);
    const b = at(line, i);
    const d = distance(a, b);
    if (left <= d || i === line.length - 1)
      return {
        point: mix(a, b, d === 0 ? 0 : Math.min(1, left / d)),
        angle: Math.atan2(b[1] - a[1], b[0] - a[0]),
      };
    left -= d;
  }
  return { point: at(line, 0), angle: 0 };
}

/** Points every `stepKm` along the line; both ends are kept exactly. */
export function resample(line: readonly Pt[], stepKm: number): Line {
  const total = lengthOf(line);
  const count = Math.max(1, Math.round(total / stepKm));
  const out: Line = [at(line, 0)];
  let i = 1;
  let walked = 0;
  for (let k = 1; k < count; k++) {
    const target = (total * k) / count;
    while (i < line.length - 1 && walked + distance(at(line, i - 1), at(line, i)) < target) {
      walked += distance(at(line, i - 1), at(line, i));
      i++;
    }
    const a = at(line, i - 1);
    const b = at(line, i);
    const d = distance(a, b);
    out.push(mix(a, b, d === 0 ? 0 : (target - walked) / d));
  }
  out.push(at(line, -1));
  return out;
}

/**
 * Centripetal Catmull-Rom through every control point: the variant without loops and cusps
 * (Yuksel, Schaefer, Keyser 2011), sampled about every `stepKm`.
 */
export function smoothThrough(control: readonly Pt[], stepKm: number, closed = false): Line {
  const n = control.length;
  if (n < 3 && !closed) return resample(control, stepKm);
  const get = (i: number): Pt => {
    if (closed) return at(control, ((i % n) + n) % n);
    if (i < 0) return mix(at(control, 0), at(control, 1), -1);
    if (i >= n) return mix(at(control, n - 1), at(control, n - 2), -1);
    return at(control, i);
  };
  const out: Line = [];
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [p0, p1, p2, p3] = [get(i - 1), get(i), get(i + 1), get(i + 2)];
    const k0 = 0;
    const k1 = k0 + Math.sqrt(distance(p0, p1));
    const k2 = k1 + Math.sqrt(distance(p1, p2));
    const k3 = k2 + Math.sqrt(distance(p2, p3));
    const steps = Math.max(2, Math.ceil(distance(p1, p2) / stepKm));
    for (let s = 0; s < steps; s++) {
      const k = k1 + ((k2 - k1) * s) / steps;
      const a1 = mix(p0, p1, (k - k0) / (k1 - k0));
      const a2 = mix(p1, p2, (k - k1) / (k2 - k1));
      const a3 = mix(p2, p3, (k - k2) / (k3 - k2));
      const b1 = mix(a1, a2, (k - k0) / (k2 - k0));
      const b2 = mix(a2, a3, (k - k1) / (k3 - k1));
      out.push(mix(b1, b2, (k - k1) / (k2 - k1)));
    }
  }
  out.push(closed ? at(out, 0) : at(control, n - 1));
  return out;
}

/** Douglas–Peucker; vertices for which `keep` says so are never dropped. */
export function simplify(
  line: readonly Pt[],
  toleranceKm: number,
  keep: (p: Pt) => boolean = () => false,
): Line {
  if (line.length < 3) return [...line];
  const kept = new Uint8Array(line.length);
  kept[0] = 1;
  kept[line.length - 1] = 1;
  for (let i = 1; i < line.length - 1; i++) if (keep(at(line, i))) kept[i] = 1;
  const anchors = [...kept.keys()].filter((i) => kept[i] === 1);
  const stack: [number, number][] = [];
  for (let i = 1; i < anchors.length; i++) stack.push([at(anchors, i - 1), at(anchors, i)]);
  for (let range = stack.pop(); range; range = stack.pop()) {
    const [from, to] = range;
    const a = at(line, from);
    const b = at(line, to);
    let worst = -1;
    let worstKm = toleranceKm;
    for (let i = from + 1; i < to; i++) {
      const km = nearest([a, b], at(line, i)).km;
      if (km > worstKm) {
        worst = i;
        worstKm = km;
      }
    }
    if (worst > 0) {
      kept[worst] = 1;
      stack.push([from, worst], [worst, to]);
    }
  }
  return line.filter((_, i) => kept[i] === 1);
}

/**
 * Unit normals (to the left of the direction of travel), from neighbours at least `windowKm(i)` away on each side:
 * the wider the window, the calmer they turn.
 */
export function normals(line: readonly Pt[], windowKm: (index: number) => number = () => 0): Pt[] {
  return line.map((p, i) => {
    let j = Math.max(0, i - 1);
    let k = Math.min(line.length - 1, i + 1);
    while (j > 0 && distance(at(line, j), p) < windowKm(i)) j--;
    while (k < line.length - 1 && distance(at(line, k), p) < windowKm(i)) k++;
    const a = at(line, j);
    const b = at(line, k);
    const d = distance(a, b) || 1;
    return [-(b[1] - a[1]) / d, (b[0] - a[0]) / d];
  });
}

/** The line moved sideways by `offsetKm(i)`, positive to the left. */
export function offset(line: readonly Pt[], offsetKm: (index: number) => number): Line {
  const n = normals(line, (i) => Math.abs(offsetKm(i)) * 1.2);
  return line.map((p, i) => {
    const v = at(n, i);
    const o = offsetKm(i);
    return [p[0] + v[0] * o, p[1] + v[1] * o];
  });
}

/** Cuts the little loops out that an offset line makes inside tight bends. */
export function untangle(line: readonly Pt[]): Line {
  const out: Line = [...line];
  for (let i = 0; i + 1 < out.length; i++)
    for (let j = Math.min(out.length - 2, i + 90); j > i + 1; j--) {
      const hit = crossing(at(out, i), at(out, i + 1), at(out, j), at(out, j + 1));
      if (!hit) continue;
      out.splice(i + 1, j - i, hit.point);
      break;
    }
  return out;
}

/**
 * The parts of a line where `inside` holds, cut to about a metre. Parts shorter than `minKm` are dropped.
 */
export function clip(line: readonly Pt[], inside: (p: Pt) => boolean, stepKm: number, minKm = 0): Line[] {
  const parts: Line[] = [];
  let current: Line = [];
  const flush = () => {
    if (current.length > 1 && lengthOf(current) >= minKm) parts.push(current);
    current = [];
  };
  let previous = at(line, 0);
  let wasInside = inside(previous);
  if (wasInside) current.push(previous);
  for (let i = 1; i < line.length; i++) {
    const a = at(line, i - 1);
    const b = at(line, i);
    const steps = Math.max(1, Math.ceil(distance(a, b) / stepKm));
    for (let s = 1; s <= steps; s++) {
      const p = s === steps ? b : mix(a, b, s / steps);
      const isInside = inside(p);
      if (isInside !== wasInside) {
        let lo = previous;
        let hi = p;
        for (let k = 0; k < 9; k++) {
          const mid = mix(lo, hi, 0.5);
          if (inside(mid) === wasInside) lo = mid;
          else hi = mid;
        }
        current.push(wasInside ? lo : hi);
        if (wasInside) flush();
      }
      if (isInside && s === steps) current.push(b);
      previous = p;
      wasInside = isInside;
    }
  }
  flush();
  return parts;
}
