import { expect, it } from 'vitest';
import { pageOf, pathOf, searchOf, selectedOf } from './address.ts';
import { initials } from './initials.ts';

it('reads every page from its own path, and anything else as the map', () => {
  for (const page of ['map', 'alarms', 'cameras', 'system'] as const) expect(pageOf(pathOf(page))).toBe(page);
  expect(pageOf('/devices/')).toBe('devices');
  expect(pageOf('/no-such-page')).toBe('map');
});

it('carries the selection in the query, both ways', () => {
  for (const selected of [
    { kind: 'alert', id: 17 },
    { kind: 'device', id: 'kk-02' },
    { kind: 'area', id: 'Phường & xã' },
  ] as const)
    expect(selectedOf(searchOf(selected))).toEqual(selected);
  expect(searchOf(null)).toBe('');
});

it('ignores a selection that cannot be', () => {
  expect(selectedOf('?alert=abc')).toBeNull();
  expect(selectedOf('?alert=-1')).toBeNull();
  expect(selectedOf('?something=else')).toBeNull();
});

it.each([
  ['Trần Thùy Linh', 'TL'],
  ['  admin ', 'A'],
  ['Đỗ Ân', 'ĐÂ'],
])('calls %s by %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
