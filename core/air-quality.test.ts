import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aqiBand, aqiOf, dailyIndex, hourlyIndex, maxOfEightHours, nowcast } from './air-quality.ts';

/** The decision lists its hours in the order of the day. */
const NINE_TO_TWENTY = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6];

describe('VN_AQI, by the examples of Decision 1459/QĐ-TCMT', () => {
  it('gives Nowcast 20.3 for the hours 9 to 20', () => {
    expect(nowcast([...NINE_TO_TWENTY].reverse())).toBeCloseTo(20.3, 1);
  });

  it('gives the hourly parts 43, 60 and 41, and 60 in all', () => {
    const found = hourlyIndex({ o3: [136.1], no2: [118.7], pm25: [...NINE_TO_TWENTY].reverse() });
    expect(found?.parts.o3).toBe(43);
    expect(found?.parts.pm25).toBe(41);
    // The exact value is 59.35; the decision prints 60.
    expect(Math.abs((found?.parts.no2 ?? 0) - 60)).toBeLessThanOrEqual(1);
    expect(found?.dominant).toBe('no2');
  });

  it('gives the daily parts 45, 36, 65 and 110, and 110 in all', () => {
    expect(Math.round(aqiOf('o3_8h', 89.3) ?? -1)).toBe(45);
    expect(Math.round(aqiOf('o3', 114.6) ?? -1)).toBe(36);
    const found = dailyIndex({ pm25: [55.7], no2: [130.8], o3: [114.6] });
    expect(found).toEqual({ index: 110, dominant: 'pm25', parts: { pm25: 110, no2: 65, o3: 36 } });
  });

  it('takes the 8-hour mean of 18:00 to 01:00 as 18.0', () => {
    expect(maxOfEightHours([15.7, 14.2, 17.7, 18.9, 19.3, 15.7, 19.7, 22.6])).toBeCloseTo(18, 1);
  });
});

describe('VN_AQI', () => {
  it('is continuous and never falls with the concentration', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('pm25', 'pm10', 'o3', 'no2', 'so2', 'co'),
        fc.double({ min: 0, max: 200_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (pollutant, concentration, step) => {
          const here = aqiOf(pollutant as 'pm25', concentration) ?? -1;
          const next = aqiOf(pollutant as 'pm25', concentration + step) ?? -1;
          expect(next).toBeGreaterThanOrEqual(here);
          // The steepest stretch is PM2.5 from 0 to 25: two points per µg/m³.
          expect(next - here).toBeLessThanOrEqual(2 * step + 1e-6);
        },
      ),
    );
  });

  it('meets every breakpoint exactly', () => {
    for (const [concentration, index] of [
      [25, 50],
      [50, 100],
      [80, 150],
      [150, 200],
      [250, 300],
      [350, 400],
      [500, 500],
      [900, 500],
    ] as const) {
      expect(aqiOf('pm25', concentration)).toBeCloseTo(index, 9);
    }
  });

  it('knows its bands, and none without dust', () => {
    expect(aqiBand(50.4).en).toBe('Good');
    expect(aqiBand(50.6).en).toBe('Moderate');
    expect(aqiBand(301).vi).toBe('Nguy hại');
    expect(hourlyIndex({ o3: [136], no2: [100] })).toBeNull();
    expect(nowcast([null, null, 20, 20])).toBeNull();
    expect(nowcast([0, 0, 0])).toBe(0);
    expect(aqiOf('o3_8h', 401)).toBeNull();
  });
});
