import { expect, it } from 'vitest';
import { formatClock, formatDistance, formatNumber, formatSpan } from './format.ts';

it('writes numbers with the separators of the language and no needless decimals', () => {
  expect(formatNumber(1234.56, 1, 'vi')).toBe('1.234,6');
  expect(formatNumber(1234.56, 1, 'en')).toBe('1,234.6');
  expect(formatNumber(163, 1, 'vi')).toBe('163');
  expect(formatNumber(-0.25, 2, 'vi')).toBe('-0,25');
});

it.each([
  [0, '0 giây', '0 seconds'],
  [1, '1 giây', '1 second'],
  [900, '15 phút', '15 minutes'],
  [3600, '1 giờ', '1 hour'],
  [5400, '1 giờ 30 phút', '1 hour 30 minutes'],
  [3605, '1 giờ', '1 hour'],
  [10_800, '3 giờ', '3 hours'],
  [90_000, '1 ngày 1 giờ', '1 day 1 hour'],
  [172_800, '2 ngày', '2 days'],
])('says %i seconds as people do', (seconds, vi, en) => {
  expect(formatSpan(seconds, 'vi')).toBe(vi);
  expect(formatSpan(seconds, 'en')).toBe(en);
});

it('writes short ways in metres and long ones in kilometres', () => {
  expect(formatDistance(849.6, 'vi')).toBe('850 m');
  expect(formatDistance(2440, 'vi')).toBe('2,4 km');
  expect(formatDistance(2440, 'en')).toBe('2.4 km');
  expect(formatDistance(123_456, 'vi')).toBe('123 km');
});

it('shows the time of the centre’s zone, and the day only when it differs', () => {
  const zone = 'Asia/Ho_Chi_Minh';
  const eight = Date.parse('2026-11-22T08:00:00+07:00');
  expect(formatClock(eight, zone)).toBe('08:00');
  expect(formatClock(eight, zone, eight + 3_600_000)).toBe('08:00');
  expect(formatClock(eight, zone, eight + 86_400_000)).toBe('08:00 22/11');
  expect(formatClock(eight, zone, eight + 400 * 86_400_000)).toBe('08:00 22/11/2026');
});
