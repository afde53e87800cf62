import { describe, expect, it } from 'vitest';
import { actionWord, changesOf } from './audit-words.ts';

const say = (value: unknown) => JSON.stringify(value);

describe('what an entry of the audit trail shows', () => {
  it('has a line per field, with both sides where there are two', () => {
    expect(changesOf({ name: 'A', enabled: true }, { name: 'B', class: 'internal' }, say)).toEqual([
      { field: 'name', before: '"A"', after: '"B"' },
      { field: 'enabled', before: 'true', after: null },
      { field: 'class', before: null, after: '"internal"' },
    ]);
  });

  it('has nothing when nothing was kept', () => {
    expect(changesOf(null, null, say)).toEqual([]);
  });

  it('takes what is no object as one value', () => {
    expect(changesOf(null, ['a'], say)).toEqual([{ field: '', before: null, after: '["a"]' }]);
  });

  it('says an act in words and leaves an unknown one as it is', () => {
    expect(actionWord('device.change', 'en')).toBe('Changed a device');
    expect(actionWord('constructor', 'vi')).toBe('constructor');
  });
});
