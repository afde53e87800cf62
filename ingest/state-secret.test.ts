import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMarked } from '../core/state-secret.ts';
import { carriesMark } from './state-secret.ts';

const marked = fc.constantFrom(
  '{"mat": "MẬT"}',
  '{"doMat": "Mat"}',
  '{"classification":"ToP sEcReT","v":1}',
  '{"class":"\\u0073ecret"}',
  'MẬT',
  'do_mat: tuyet mat',
);
const harmless = fc.constantFrom(
  '{"values":{"pm25":41.2}}',
  '{"material":"steel"}',
  '{"secretary":1}',
  '{"a":"b"}',
);

describe('the quick look for a mark', () => {
  it('always says what the thorough one says', () => {
    fc.assert(
      fc.property(
        fc.oneof(marked, harmless, fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        (text) => {
          const bytes = Buffer.from(text);
          expect(carriesMark(bytes)).toBe(isMarked(bytes));
          // Also where the message is a part of a larger chunk.
          const chunk = Buffer.concat([Buffer.from('mat secr \\'), bytes, Buffer.from('mat')]);
          expect(carriesMark(chunk.subarray(10, 10 + bytes.length))).toBe(isMarked(bytes));
        },
      ),
    );
  });
});
