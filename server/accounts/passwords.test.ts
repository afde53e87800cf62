import { describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { isAppError } from '../../core/errors.ts';
import { createPasswords, generatePassword, passwordWeakness } from './passwords.ts';
import { createLoginThrottle } from './throttle.ts';

describe('password hashing', () => {
  it('accepts the right password only, and nobody at all when there is no such user', async () => {
    const passwords = await createPasswords();
    const stored = await passwords.hash('thuyền-nhỏ.ra-khơi-8');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify(stored, 'thuyền-nhỏ.ra-khơi-8')).toBe(true);
    expect(await passwords.verify(stored, 'thuyền-nhỏ.ra-khơi-9')).toBe(false);
    expect(await passwords.verify(undefined, 'thuyền-nhỏ.ra-khơi-8')).toBe(false);
  });
});

describe('password strength', () => {
  it.each([
    ['short-1', 'shorter'],
    ['aaaaaaaaaaaaaaaa', 'different'],
    ['admin-admin-2026', 'user name'],
    ['Mật-Khẩu-của-tôi-1', 'matkhau'],
    ['P.a.s.s.w.o.r.d-2026', 'password'],
    ['HảiĐăng-2026-xyz', 'haidang'],
    ['qwertyuiop12', 'qwerty'],
  ])('refuses %s', (password, reason) => {
    expect(passwordWeakness(password, 'admin')).toContain(reason);
  });

  it('accepts what it generates, and never generates the same twice', () => {
    const made = Array.from({ length: 200 }, generatePassword);
    for (const password of made) {
      expect(passwordWeakness(password, 'admin')).toBeUndefined();
      expect(password).toMatch(/^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/);
    }
    expect(new Set(made).size).toBe(200);
  });
});

describe('the login throttle', () => {
  const refused = (work: () => void) => {
    try {
      work();
      return false;
    } catch (error) {
      if (!isAppError(error, 'auth.too_many')) throw error;
      return true;
    }
  };

  it('lets a person try five times, then once every half minute', () => {
    const clock = manualClock(0);
    const throttle = createLoginThrottle(clock);
    for (let i = 0; i < 5; i++) throttle.take('lan', '10.0.0.1');
    expect(refused(() => throttle.take('lan', '10.0.0.1'))).toBe(true);
    clock.advance(29_000);
    expect(refused(() => throttle.take('lan', '10.0.0.1'))).toBe(true);
    clock.advance(1_000);
    expect(refused(() => throttle.take('lan', '10.0.0.1'))).toBe(false);
    expect(refused(() => throttle.take('lan', '10.0.0.1'))).toBe(true);
  });

  it('does not lock a person out because somebody else guesses from elsewhere', () => {
    const throttle = createLoginThrottle(manualClock(0));
    while (!refused(() => throttle.take('lan', '203.0.113.9')));
    expect(refused(() => throttle.take('lan', '10.0.0.1'))).toBe(false);
  });

  it('counts only failures', () => {
    const throttle = createLoginThrottle(manualClock(0));
    for (let i = 0; i < 100; i++) {
      throttle.take('lan', '10.0.0.1');
      throttle.refund('lan', '10.0.0.1');
    }
  });

  it('stops an address that tries many names, and takes an IPv6 network for one address', () => {
    const throttle = createLoginThrottle(manualClock(0));
    let tries = 0;
    while (!refused(() => throttle.take(`user${tries}`, `2001:db8:1:2::${tries.toString(16)}`))) tries++;
    expect(tries).toBe(30);
  });
});
