import { describe, expect, it } from 'vitest';
import { holidayAt, isDaylight, isWithin, Schedule, scheduleWords } from './calendar.ts';
import { lunarDay } from './lunar.ts';

const ZONE = 'Asia/Ho_Chi_Minh';
const at = (local: string) => Date.parse(`${local}+07:00`);

describe('the lunar calendar of Vietnam', () => {
  it.each([
    [2000, '2000-02-05'],
    [2007, '2007-02-17'],
    [2020, '2020-01-25'],
    [2021, '2021-02-12'],
    [2022, '2022-02-01'],
    [2023, '2023-01-22'],
    [2024, '2024-02-10'],
    [2025, '2025-01-29'],
    [2026, '2026-02-17'],
    [2027, '2027-02-06'],
    [2028, '2028-01-26'],
    [2029, '2029-02-13'],
    // The new moon of the first month is seen from Hà Nội a day before it is seen from Beijing.
    [2030, '2030-02-02'],
    [1985, '1985-01-21'],
  ])('begins the year %i on %s', (year, day) => {
    expect(lunarDay(year, 1, 1)).toBe(day);
  });

  it.each([
    [2023, '2023-04-29'],
    [2024, '2024-04-18'],
    [2025, '2025-04-07'],
    [2026, '2026-04-26'],
  ])('has the tenth of the third month of %i on %s', (year, day) => {
    expect(lunarDay(year, 3, 10)).toBe(day);
  });

  it('agrees with the Chinese calendar of this machine wherever the hour between the two cities does not matter', () => {
    const format = new Intl.DateTimeFormat('en-u-ca-chinese', {
      timeZone: 'Asia/Shanghai',
      month: 'numeric',
      day: 'numeric',
    });
    let differing = 0;
    for (let year = 1990; year <= 2050; year += 1) {
      const parts = format.formatToParts(Date.parse(`${lunarDay(year, 8, 15)}T04:00:00Z`));
      const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
      if (of('month') !== 8 || of('day') !== 15) differing += 1;
    }
    expect(differing).toBeLessThanOrEqual(4);
  });
});

describe('schedules', () => {
  it('belong to the evening on which they began when they run over midnight', () => {
    const night = Schedule.parse({ days: [6], from: '22:00', to: '05:00' });
    expect(isWithin(night, at('2026-11-21T23:00'), ZONE, null)).toBe(true);
    expect(isWithin(night, at('2026-11-22T04:59'), ZONE, null)).toBe(true);
    expect(isWithin(night, at('2026-11-22T05:00'), ZONE, null)).toBe(false);
    expect(isWithin(night, at('2026-11-21T04:00'), ZONE, null)).toBe(false);
    expect(isWithin(night, at('2026-11-22T23:00'), ZONE, null)).toBe(false);
  });

  it('know the public holidays', () => {
    expect(holidayAt(at('2026-02-17T10:00'), ZONE)?.vi).toBe('Tết Nguyên đán');
    expect(holidayAt(at('2026-02-16T10:00'), ZONE)?.vi).toBe('Tết Nguyên đán');
    expect(holidayAt(at('2026-09-02T00:00'), ZONE)?.vi).toBe('Quốc khánh');
    expect(holidayAt(at('2026-11-22T10:00'), ZONE)).toBeUndefined();
    const working = Schedule.parse({ days: [1, 2, 3, 4, 5], holidays: 'never' });
    expect(isWithin(working, at('2026-04-30T10:00'), ZONE, null)).toBe(false);
    expect(isWithin(working, at('2026-04-29T10:00'), ZONE, null)).toBe(true);
    expect(scheduleWords(working, 'en')).toBe(
      'Monday, Tuesday, Wednesday, Thursday, Friday, not on public holidays',
    );
  });

  it('know day from night, half an hour clear of dawn and dusk in the far south', () => {
    const place: [number, number] = [104.73, 8.6];
    expect(isDaylight(at('2026-12-22T05:50'), place)).toBe(false);
    expect(isDaylight(at('2026-12-22T06:30'), place)).toBe(true);
    expect(isDaylight(at('2026-12-22T17:30'), place)).toBe(true);
    expect(isDaylight(at('2026-12-22T18:10'), place)).toBe(false);
  });
});
