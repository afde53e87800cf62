import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

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
