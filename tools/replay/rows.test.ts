import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from '../../ingest/pipeline/time.ts';
import { ReplayMapping } from './mapping.ts';
import { degreesOf, readRow } from './rows.ts';

const mapping = ReplayMapping.parse({
  time: { parts: { year: 'y', month: 'm', day: 'd', hour: 'h' }, utcOffset: '+08:00' },
  station: 's',
  device: { type: 'air-quality' },
  columns: {
    'PM2.5': { quantity: 'pm25', unit: 'ug/m3' },
    wd: { quantity: 'wind_direction', compass: 16 },
    x: { quantity: 'pm10' },
  },
  stations: {},
});
const row = { y: '2013', m: '12', d: '1', h: '0', s: 'A', 'PM2.5': '32.5', wd: 'SW', x: 'NA' };

describe('a row of a table', () => {
  it('becomes a reading by the mapping: local time with its offset, units, degrees', () => {
    expect(readRow(row, mapping)).toEqual({
      reading: {
        ts: '2013-12-01T00:00:00+08:00',
        values: { pm25: { v: 32.5, unit: 'ug/m3' }, wind_direction: 225 },
      },
      values: 2,
      missing: 1,
      unreadable: [],
    });
  });

  it('counts what is missing and what cannot be read apart, and guesses nothing', () => {
    const result = readRow({ ...row, 'PM2.5': '', wd: 'SWW', x: '0x10' }, mapping);
    expect(result).toMatchObject({
      values: 0,
      missing: 1,
      unreadable: [
        { column: 'wd', text: 'SWW' },
        { column: 'x', text: '0x10' },
      ],
    });
    expect(readRow({ ...row, x: '1e999' }, mapping).unreadable).toHaveLength(1);
  });

  it('keeps the local time whatever it is', () => {
    const anyTime = fc.date({
      min: new Date('2000-01-01T00:00Z'),
      max: new Date('2030-01-01T00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anyTime, (date) => {
        date.setUTCMinutes(0, 0, 0);
        const local = {
          y: String(date.getUTCFullYear()),
          m: String(date.getUTCMonth() + 1),
          d: String(date.getUTCDate()),
          h: String(date.getUTCHours()),
        };
        const { ts } = readRow({ ...row, ...local }, mapping).reading;
        expect(parseTime(ts)).toBe(date.getTime() - 8 * 3_600_000);
      }),
    );
  });

  it('refuses a time with something missing', () => {
    expect(() => readRow({ ...row, h: 'NA' }, mapping)).toThrow(/column h/);
  });

  it('takes times that stand in one column', () => {
    const other = { ...mapping, time: { column: 't', utcOffset: '+07:00' } };
    expect(readRow({ ...row, t: '2026-11-22 08:00' }, other).reading.ts).toBe('2026-11-22T08:00+07:00');
  });

  it('knows the sixteen points of the compass', () => {
    expect(['N', 'NNE', 'E', 'S', 'W', 'NNW', 'nne'].map(degreesOf)).toEqual([
      0, 22.5, 90, 180, 270, 337.5, 22.5,
    ]);
    expect(degreesOf('NA')).toBeUndefined();
  });
});
