import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRoom, type Circle, stepAside } from './room.ts';

const circles = fc.array(
  fc.record({
    x: fc.integer({ min: -300, max: 300 }),
    y: fc.integer({ min: -300, max: 300 }),
    radiusPx: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 40 },
);
const boxes = fc.record({
  x: fc.integer({ min: -300, max: 300 }),
  y: fc.integer({ min: -300, max: 300 }),
  widthPx: fc.integer({ min: 1, max: 200 }),
  heightPx: fc.integer({ min: 1, max: 40 }),
});

describe('the room of the screen', () => {
  it('finds every sign that a box touches, however it lies on the grid', () => {
    fc.assert(
      fc.property(circles, boxes, (all, box) => {
        const touches = ({ x, y, radiusPx }: Circle) => {
          const dx = x - Math.min(Math.max(x, box.x - box.widthPx / 2), box.x + box.widthPx / 2);
          const dy = y - Math.min(Math.max(y, box.y - box.heightPx / 2), box.y + box.heightPx / 2);
          return Math.hypot(dx, dy) < radiusPx;
        };
        expect(buildRoom(all).taken(box)).toBe(all.filter(touches).length);
      }),
    );
  });

  it('lets a name stand where it is when nothing is there', () => {
    const room = buildRoom([{ x: 200, y: 0, radiusPx: 5 }]);
    const name = { x: 0, y: 0, widthPx: 80, heightPx: 16 };
    expect(
      stepAside(room, name, [
        [0, 0],
        [0, -14],
      ]),
    ).toEqual({ offset: [0, 0], taken: 0 });
  });

  it('moves it to the first free place, else to the one that covers least', () => {
    const room = buildRoom([
      { x: 0, y: 0, radiusPx: 4 },
      { x: 10, y: 0, radiusPx: 4 },
      { x: 0, y: 20, radiusPx: 4 },
    ]);
    const name = { x: 0, y: 0, widthPx: 60, heightPx: 12 };
    expect(
      stepAside(room, name, [
        [0, 0],
        [0, 20],
        [0, -20],
      ]).offset,
    ).toEqual([0, -20]);
    expect(
      stepAside(room, name, [
        [0, 0],
        [0, 20],
      ]),
    ).toEqual({ offset: [0, 20], taken: 1 });
  });
});
