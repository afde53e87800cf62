import { expect, it } from 'vitest';
import { degrees, length } from './format.ts';

it('measures in metres, then in kilometres', () => {
  expect(length(850.4, 'vi')).toBe('850 m');
  expect(length(1239, 'vi')).toBe('1,24 km');
  expect(length(123_456, 'en')).toBe('123 km');
});

it('writes lines of the graticule in degrees and no more than they need', () => {
  expect(degrees(105, 'lon')).toBe('105° E');
  expect(degrees(9.5, 'lat')).toBe('9°30′ N');
  expect(degrees(-105.336111, 'lon')).toBe('105°20′10″ W');
});
