import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../../core/text.ts';
import { likeLiteral, RANK, rankOf, soughtOf } from './match.ts';

/** Letters with all their marks, as people write names. */
const syllable = fc.constantFrom(
  ...[
    'Phường',
    'Xã',
    'Cửa',
    'Biển',
    'Đông',
    'Tây',
    'Hồ',
    'Thủy',
    'Ấp',
    'Kênh',
    'Trạm',
    'Đội',
    'Ninh',
    'Kiều',
    '12',
  ],
);
const name = fc.array(syllable, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(' '));
const rank = (typed: string, ...names: string[]) => {
  const sought = soughtOf(typed);
  return sought && rankOf(sought, names.map(fold));
};

describe('what is typed', () => {
  it.each([
    ['cua bien', 'Cửa Biển', RANK.exact],
    ['CỬA BIỂN', 'Cửa Biển', RANK.exact],
    ['  cửa   bien ', 'Cửa Biển', RANK.exact],
    ['dong', 'Đông Hải', RANK.prefix],
    ['cua b', 'Cửa Biển', RANK.prefix],
    ['bien', 'Phường Cửa Biển', RANK.wordPrefix],
    ['bi', 'Phường Cửa Biển', RANK.wordPrefix],
    ['01', 'tram-01', RANK.wordPrefix],
    ['ien', 'Phường Cửa Biển', RANK.inside],
    ['bien cua', 'Phường Cửa Biển', RANK.words],
    ['bien phuong', 'Phường Cửa Biển', RANK.words],
    ['bien tram', 'Phường Cửa Biển', undefined],
    ['cua%', 'Cửa Biển', undefined],
    ['_ua', 'Cửa Biển', undefined],
  ])('%j fits %j with rank %j', (typed, written, expected) => {
    expect(rank(typed, written)).toBe(expected);
  });

  it('fits by its best name', () => {
    expect(rank('t1', 'Đội cảnh sát T1', 'T1')).toBe(RANK.exact);
    expect(rank('xyz', 'Đội', 'T1')).toBeUndefined();
  });

  it('is nothing when only invisible characters are left', () => {
    for (const text of ['', '  ', '\u0000', '\u200b\u202e', '\ud800']) expect(soughtOf(text)).toBeUndefined();
    expect(soughtOf('cửa\u200b\u0000 biển')?.phrase).toBe('cua bien');
  });
});

describe('ranking', () => {
  it('does not care for marks, case, đ, the way marks are encoded or extra spaces', () => {
    fc.assert(
      fc.property(name, name, (typed, written) => {
        const expected = rank(typed, written);
        for (const same of [
          fold(typed),
          typed.toUpperCase(),
          typed.normalize('NFD'),
          typed.replace(/đ/g, 'd').replace(/Đ/g, 'D'),
          ` ${typed.replaceAll(' ', '   ')}\t`,
        ])
          expect(rank(same, written)).toBe(expected);
        expect(rank(typed, written.normalize('NFD'))).toBe(expected);
      }),
    );
  });

  it('puts the whole name before its beginning, that before a later word, and that before the inside of a word', () => {
    fc.assert(
      fc.property(name, fc.nat(), fc.nat(), (written, from, length) => {
        const folded = fold(written);
        expect(rank(written, written)).toBe(RANK.exact);
        const start = from % folded.length;
        const piece = folded.slice(start, start + 1 + (length % (folded.length - start)));
        if (piece.trim() === '') return;
        const found = rank(piece, written);
        // Whatever is part of a name finds it.
        expect(found).toBeDefined();
        const trimmed = piece.trim();
        const atWord = ` ${folded}`.includes(` ${trimmed}`);
        if (trimmed === folded) expect(found).toBe(RANK.exact);
        else if (folded.startsWith(trimmed)) expect(found).toBe(RANK.prefix);
        else expect(found).toBe(atWord ? RANK.wordPrefix : RANK.inside);
      }),
    );
  });

  it('never gets worse when there is one more name', () => {
    fc.assert(
      fc.property(name, name, name, (typed, one, two) => {
        const alone = rank(typed, one);
        const both = rank(typed, one, two);
        if (alone !== undefined) expect(both).toBeLessThanOrEqual(alone);
      }),
    );
  });
});

describe('a literal for LIKE', () => {
  it('leaves no wildcard', () => {
    expect(likeLiteral('50%_a\\b')).toBe('50\\%\\_a\\\\b');
  });
});
