import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMsOf } from '../../test/support/cpu.ts';
import { guessability, passwordRule, passwordWeakness } from './password-rules.ts';
import { generatePassword } from './passwords.ts';
import { SignInSettings, signInPolicy } from './policy.ts';

const policy = signInPolicy(SignInSettings.parse({}), { reachable: true, termsVersion: '1' });
const ALONE = passwordRule(policy, false);
const BESIDE = passwordRule(policy, true);

describe('a password', () => {
  it('that stands alone has fourteen characters of four kinds; beside a second factor, eight', () => {
    expect([ALONE, BESIDE]).toEqual([
      { length: 14, kinds: 4 },
      { length: 8, kinds: 1 },
    ]);
    const cases: [string, boolean, boolean][] = [
      ['Thuyền-nhỏ.ra-khơi-8', true, true],
      ['Sóng-Hậu.giang-27', true, true],
      ['thuyền-nhỏ.ra-khơi-8', false, true],
      ['THUYỀN-NHỎ.RA-KHƠI-8', false, true],
      ['Thuyền-nhỏ.ra-khơi', false, true],
      ['ThuyềnnhỏRakhơi8', false, true],
      ['Kẽm-gai7.x', false, true],
      ['kẽmgai7', false, false],
    ];
    for (const [password, alone, beside] of cases) {
      expect([password, passwordWeakness(password, 'linh', ALONE) === undefined]).toEqual([password, alone]);
      expect([password, passwordWeakness(password, 'linh', BESIDE) === undefined]).toEqual([
        password,
        beside,
      ]);
    }
  });

  it('is refused when it is what everybody tries first, however it is dressed up', () => {
    for (const password of [
      'Matkhau@2026!!',
      'M4tKh@u.1234567',
      'Password-2026-!',
      'P@ssw0rd.P@ssw0rd',
      'Admin@123456789',
      'Haidang-2026-IOC!',
      'Qwertyuiop-1234',
      'Abcdefgh-12345678',
      'Anhyeuem-1998!!',
      'Quantri.Hethong-1',
      'Aa1!Aa1!Aa1!Aa1!',
      'Changeme-Changeme-1',
      '1qaz2wsx3edc4rfv!Q',
      'Trungtam-Dieuhanh-2026',
      'P.a.s.s.w.o.r.d-2026',
      'HảiĐăng-2026-xyz',
      'Mật-Khẩu-2026-!!',
    ])
      expect([password, guessability(password, 'somebody')]).toEqual([password, expect.any(String)]);
  });

  it('is refused when the user name is in it', () => {
    expect(guessability('Ngoc.Bich-ghe-xuong-7', 'ngoc.bich')).toBe('contains the user name');
    expect(guessability('Ngoc.Bich-ghe-xuong-7', 'van.khoa')).toBeUndefined();
  });

  it('that was generated is always good enough to stand alone, and never the same', () => {
    const made = Array.from({ length: 500 }, generatePassword);
    for (const password of made)
      expect([password, passwordWeakness(password, 'linh', ALONE)]).toEqual([password, undefined]);
    expect(new Set(made).size).toBe(made.length);
  });

  it('is judged quickly, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 1024, unit: 'grapheme' }), (password) => {
        expect(cpuMsOf(() => passwordWeakness(password, 'linh', ALONE))).toBeLessThan(200);
      }),
      { numRuns: 100 },
    );
    for (const nasty of ['a'.repeat(1024), 'ab'.repeat(512), '1qaz'.repeat(256), 'abcabcabd'.repeat(110)]) {
      expect(cpuMsOf(() => guessability(nasty, 'linh'))).toBeLessThan(200);
    }
  });
});
