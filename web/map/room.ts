/**
 * Which spots on the screen are taken by signs, so that names and plates can step aside instead of lying under them.
 * The library's decluttering only knows "draw" or "leave out". Pure; pixels, x right, y down.
 */
export interface Circle {
  x: number;
  y: number;
  radiusPx: number;
}

export interface Box {
  x: number;
  y: number;
  widthPx: number;
  heightPx: number;
}

const CELL_PX = 64;

export interface Room {
  /** How many signs a box (given by its middle) touches. */
  taken(box: Box): number;
}

export function buildRoom(circles: Iterable<Circle>): Room {
  const cells = new Map<string, Circle[]>();
  const cellsOf = ({ x, y, widthPx, heightPx }: Box, visit: (key: string) => void) => {
    const [left, right] = [Math.floor((x - widthPx / 2) / CELL_PX), Math.floor((x + widthPx / 2) / CELL_PX)];
    const [top, bottom] = [
      Math.floor((y - heightPx / 2) / CELL_PX),
      Math.floor((y + heightPx / 2) / CELL_PX),
    ];
    for (let i = left; i <= right; i++) for (let j = top; j <= bottom; j++) visit(`${i} ${j}`);
  };
  for (const circle of circles) {
    const side = circle.radiusPx * 2;
    cellsOf({ ...circle, widthPx: side, heightPx: side }, (key) => {
      const cell = cells.get(key);
      if (cell) cell.push(circle);
      else cells.set(key, [circle]);
    });
  }
  return {
    taken(box) {
      const met = new Set<Circle>();
      cellsOf(box, (key) => {
        for (const circle of cells.get(key) ?? []) if (touches(circle, box)) met.add(circle);
      });
      return met.size;
    },
  };
}

function touches({ x, y, radiusPx }: Circle, box: Box): boolean {
  const dx = Math.max(0, Math.abs(x - box.x) - box.widthPx / 2);
  const dy = Math.max(0, Math.abs(y - box.y) - box.heightPx / 2);
  return dx * dx + dy * dy < radiusPx * radiusPx;
}

export type Offset = readonly [dx: number, dy: number];

/** The first offset whose box is free; where none is, the one that touches least (the first of equals). */
export function stepAside(
  room: Room,
  box: Box,
  offsets: readonly Offset[],
): { offset: Offset; taken: number } {
  let best: { offset: Offset; taken: number } | undefined;
  for (const offset of offsets) {
    const taken = room.taken({ ...box, x: box.x + offset[0], y: box.y + offset[1] });
    if (taken === 0) return { offset, taken };
    if (!best || taken < best.taken) best = { offset, taken };
  }
  return best ?? { offset: [0, 0], taken: 0 };
}
