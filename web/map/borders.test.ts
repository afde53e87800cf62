import { expect, it } from 'vitest';
import { coastPoints, inlandParts } from './borders.ts';

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
  expect(inlandParts(RING, coast)).toEqual([
    [
      [20, 0],
      [20, 10],
      [0, 10],
      [0, 0],
    ],
  ]);
});

it('keeps the whole ring where there is no sea, and nothing of an island', () => {
  expect(inlandParts(RING, new Set())).toEqual([RING]);
  expect(inlandParts(RING, coastPoints([RING]))).toEqual([]);
});
