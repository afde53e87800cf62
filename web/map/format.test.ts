import { expect, it } from 'vitest';
import { age, clockTime, coordinates, degrees, fixed, length } from './format.ts';

it('says a place as people do: latitude first, the decimal sign of the language', () => {
  expect(coordinates([105.15024, 9.18361], 'vi')).toBe('9,1836 N 105,1502 E');
  expect(coordinates([-105.15024, -9.18361], 'en')).toBe('9.1836 S 105.1502 W');
});

it('measures in metres, then in kilometres', () => {
  expect(length(850.4, 'vi')).toBe('850 m');
  expect(length(1239, 'vi')).toBe('1,24 km');
  expect(length(123_456, 'en')).toBe('123 km');
});

it('keeps the width of a figure that changes', () => {
  expect(fixed(4, 1, 'vi')).toBe('4,0');
});

it('tells an age in its largest unit', () => {
  expect([5_000, 125_000, 3_700_000, 200_000_000].map((ms) => age(ms, 'vi'))).toEqual([
    '5 s',
    '2 ph',
    '1 g',
    '2 ng',
  ]);
  expect(age(125_000, 'en')).toBe('2 min');
});

it('writes the day only when it is not today', () => {
  const now = new Date(2026, 10, 22, 8, 14, 32);
  expect(clockTime(new Date(2026, 10, 22, 7, 12, 40).toISOString(), now.getTime())).toBe('07:12:40');
  expect(clockTime(new Date(2026, 10, 21, 7, 12, 40).toISOString(), now.getTime())).toBe('07:12:40 21/11');
});

it('writes lines of the graticule in degrees and no more than they need', () => {
  expect(degrees(105, 'lon')).toBe('105° E');
  expect(degrees(9.5, 'lat')).toBe('9°30′ N');
  expect(degrees(-105.336111, 'lon')).toBe('105°20′10″ W');
});
