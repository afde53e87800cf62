import { expect, it } from 'vitest';
import { age, bytes, clockTime, compass, coordinates, dateTime, quantityValue, shortTime } from './format.ts';

const zone = 'Asia/Ho_Chi_Minh';
const morning = Date.parse('2026-11-22T08:12:21+07:00');

it('writes dates and times as Vietnam does, on the centre’s clock', () => {
  expect(dateTime(morning, zone)).toBe('22/11/2026 08:12:21');
  expect(clockTime(morning, zone)).toBe('08:12:21');
  expect(shortTime(morning, zone, morning + 3_600_000)).toBe('08:12');
  expect(shortTime(morning, zone, morning + 86_400_000)).toBe('22/11 08:12');
});

it('writes values with the comma or the point of the language and their unit', () => {
  expect(quantityValue('salinity', 4.1, 'vi')).toBe('4,1\u00a0‰');
  expect(quantityValue('salinity', 4, 'en')).toBe('4.0\u00a0‰');
  expect(quantityValue('pm25', 1168.04, 'vi')).toBe('1.168,0\u00a0µg/m³');
  expect(quantityValue('wind_direction', 271, 'vi')).toBe('271°');
  expect(quantityValue('traffic_flow', 900, 'en')).toBe('900\u00a0veh/h');
  expect(quantityValue('water_level', -0.001, 'vi')).toBe('0,00\u00a0m');
});

it.each([
  [-500, '0\u00a0s', '0\u00a0s'],
  [59_999, '59\u00a0s', '59\u00a0s'],
  [120_000, '2\u00a0ph', '2\u00a0min'],
  [3_600_000, '1\u00a0g', '1\u00a0h'],
  [3 * 86_400_000, '3\u00a0ng', '3\u00a0d'],
])('says how old %i ms is in one part', (spanMs, vi, en) => {
  expect(age(spanMs, 'vi')).toBe(vi);
  expect(age(spanMs, 'en')).toBe(en);
});

it('writes places, headings and sizes', () => {
  expect(coordinates([105.1502, 9.1836], 'vi')).toBe('9,1836\u00a0N 105,1502\u00a0E');
  expect(coordinates([-0.5, -1], 'en')).toBe('1.0000\u00a0S 0.5000\u00a0W');
  expect(compass(350, 'vi')).toBe('B');
  expect(compass(-90, 'en')).toBe('W');
  expect(compass(46, 'vi')).toBe('ĐB');
  expect(bytes(2048, 'vi')).toBe('2\u00a0KB');
});
