import { describe, expect, it } from 'vitest';
import { readDeviceTable } from './device-table.ts';

const read = (text: string) => readDeviceTable(Buffer.from(text));

describe('a table of devices', () => {
  it('is read with comma, semicolon or tab, a byte order mark, and decimal commas', () => {
    const comma = read('\ufeffid,name,type,lon,lat\ntram-1,Trạm 1,water-level,105.15,9.18\n');
    const semicolon = read('ID;Name;Type;Lon;Lat\r\ntram-1;Trạm 1;water-level;105,15;9,18\r\n');
    const tab = read('id\tname\ttype\tlon\tlat\ntram-1\tTrạm 1\twater-level\t105.15\t9.18');
    expect(comma[0]).toMatchObject({
      line: 2,
      id: 'tram-1',
      device: { name: 'Trạm 1', lon: 105.15, lat: 9.18, enabled: true, site: 'main' },
    });
    expect(semicolon).toEqual(comma);
    expect(tab).toEqual(comma);
  });

  it('says of each bad row what is wrong with it, by its line', () => {
    const rows = read(
      [
        'id,name,type,lon,lat,expected_interval_s,enabled,prop_depth',
        'a,"Trạm',
        'hai dòng",t,,,60,false,3',
        'a,Lần hai,t,,,,,',
        'b b,Tên,t,,,,,',
        'c,,t,,,,,',
        '',
        'd,Tên,t,105.1,,,,',
        'e,Tên,t,105.1,95,,,',
        'f,Tên,t,,,0,,',
        'g,Tên,t',
        'h,Tên,t,,,,vâng,',
      ].join('\n'),
    );
    expect(rows[0]).toMatchObject({
      line: 3,
      id: 'a',
      device: { name: 'Trạm\nhai dòng', expected_interval_s: 60, enabled: false },
      properties: { depth: '3' },
    });
    expect(rows.slice(1).map(({ line, reason }) => [line, reason?.split(':')[0]])).toEqual([
      [4, 'the id is already in line 3'],
      [5, 'id'],
      [6, 'name'],
      [8, 'lon and lat belong together'],
      [9, 'lat'],
      [10, 'expected_interval_s'],
      [11, 'has 3 cells, the heading has 8'],
      [12, 'enabled'],
    ]);
  });

  it.each([
    ['id,name\nx,y', 'column "type" is missing'],
    ['id,name,type,colour\n', 'unknown column "colour"'],
    ['', 'column "id" is missing'],
    ['id,name,type\n"x,y,z', 'cannot be read'],
  ])('is refused as a whole when its shape is wrong: %j', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });

  it('is refused when it is not UTF-8', () => {
    expect(() => readDeviceTable(Buffer.from([0x69, 0x64, 0xff, 0xfe]))).toThrow('not UTF-8');
  });
});
