import { describe, expect, it } from 'vitest';
import { compareNames, textFilter } from './text.ts';

describe('the text filter', () => {
  it('minds neither diacritics nor capitals', () => {
    const wanted = textFilter('cua bien');
    expect(wanted('Trạm mưa', 'Phường Cửa Biển')).toBe(true);
    expect(wanted('Trạm mưa', 'Phường Cửa Sông')).toBe(false);
  });

  it('lets everything through as long as nothing is asked for', () => {
    expect(textFilter('  ')(null)).toBe(true);
  });

  it('finds nothing in fields that are not there', () => {
    expect(textFilter('null')('Trạm mưa', null)).toBe(false);
  });
});

it('orders names as people do: by the number in them, not by its first digit', () => {
  expect(['Camera 10', 'Đèn', 'Camera 9', 'Dù'].sort(compareNames)).toEqual([
    'Camera 9',
    'Camera 10',
    'Dù',
    'Đèn',
  ]);
});
