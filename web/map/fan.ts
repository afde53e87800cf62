/**
 * Things at one and the same place (two alarms of one station) stand side by side on a small arc, each whole:
 * nothing that asks for a person may hide under another.
 */
export interface Placed<T> {
  item: T;
  /** Pixels, x to the right, y down, from the true place. */
  dx: number;
  dy: number;
}

const STEP_PX = 20;
/** More than this stand in a ring of growing radius. */
const ROW = 5;

export function fanOffsets(count: number): readonly (readonly [number, number])[] {
  if (count <= 1) return [[0, 0]];
  if (count <= ROW) {
    return Array.from({ length: count }, (_, i) => [(i - (count - 1) / 2) * STEP_PX, 0] as const);
  }
  const radius = (count * STEP_PX) / (2 * Math.PI);
  return Array.from({ length: count }, (_, i) => {
    const angle = (i / count) * 2 * Math.PI - Math.PI / 2;
    return [Math.cos(angle) * radius, Math.sin(angle) * radius] as const;
  });
}

/** Groups items by place (to a metre) and gives each its offset; the order inside a group is the order given. */
export function fan<T>(items: readonly T[], place: (item: T) => readonly [number, number]): Placed<T>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const [lon, lat] = place(item);
    const key = `${lon.toFixed(5)} ${lat.toFixed(5)}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].flatMap((group) => {
    const offsets = fanOffsets(group.length);
    return group.map((item, i) => ({ item, dx: offsets[i]?.[0] ?? 0, dy: offsets[i]?.[1] ?? 0 }));
  });
}
