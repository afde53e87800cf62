import { expect, it } from 'vitest';
import { borderDrawer, coastPoints } from './borders.ts';

const RING = [
  [0, 0],
  [10, 0],
  [20, 0],
  [20, 10],
  [0, 10],
  [0, 0],
];

it('keeps a border away from the coast', () => {
  const coast = coastPoints([
    [
      [0, 0],
      [10, 0],
      [20, 0],
    ],
  ]);
  expect(borderDrawer(coast)([RING])).toEqual([
    [
      [20, 0],
      [20, 10],
      [0, 10],
      [0, 0],
    ],
  ]);
});

it('keeps the whole ring where there is no sea, and nothing of an island', () => {
  expect(borderDrawer()([RING])).toEqual([RING]);
  expect(borderDrawer(coastPoints([RING]))([RING])).toEqual([]);
});

it('draws what two neighbours share only once, whichever way round they run', () => {
  const draw = borderDrawer();
  const neighbour = [
    [0, 10],
    [20, 10],
    [20, 30],
    [0, 30],
    [0, 10],
  ];
  expect(draw([RING])).toEqual([RING]);
  expect(draw([neighbour])).toEqual([
    [
      [20, 10],
      [20, 30],
      [0, 30],
      [0, 10],
    ],
  ]);
  expect(draw([neighbour])).toEqual([]);
});
