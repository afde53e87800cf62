import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorization, readChallenges, strongest } from './digest.ts';

describe('sign-in to a camera', () => {
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const request = {
    method: 'GET',
    url: '/dir/index.html',
    count: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };

  it('answers the two examples of RFC 7616, section 3.9.1', () => {
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    for (const [algorithm, response] of [
      ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
      ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ]) {
      const [challenge] = readChallenges([
        `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
      ]);
      if (!challenge) throw new Error('no challenge');
      const answer = authorization(challenge, mufasa, request);
      expect(answer).toContain(`response="${response}"`);
      expect(answer).toContain('qop=auth, nc=00000001');
    }
  });

  it('answers the example of RFC 2069, without qop', () => {
    const [challenge] = readChallenges([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    ]);
    if (!challenge) throw new Error('no challenge');
    const answer = authorization(challenge, { username: 'Mufasa', password: 'CircleOfLife' }, request);
    // RFC 2069's own example is wrong (erratum 749); this is the corrected value.
    expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(answer).not.toContain('algorithm');
  });

  it('prefers SHA-256 to MD5 to Basic, also when one header carries several', () => {
    const challenges = readChallenges([
      'Basic realm="cam", Digest realm="cam, west", nonce="n1", algorithm=MD5',
      'Digest realm="cam", nonce="n2", algorithm=SHA-256',
    ]);
    expect(challenges.map((c) => [c.scheme, c.realm, c.algorithm])).toEqual([
      ['basic', 'cam', ''],
      ['digest', 'cam, west', 'MD5'],
      ['digest', 'cam', 'SHA-256'],
    ]);
    expect(strongest(challenges)?.nonce).toBe('n2');
    expect(strongest(challenges.slice(0, 2))?.nonce).toBe('n1');
    expect(strongest(challenges.slice(0, 1))?.scheme).toBe('basic');
    expect(strongest(readChallenges(['Digest realm="r", nonce="n", algorithm=SHA-512-256']))).toBeUndefined();
    expect(strongest(readChallenges(['NTLM']))).toBeUndefined();
  });

  it('encodes Basic as UTF-8', () => {
    const [challenge] = readChallenges(['Basic realm="x"']);
    if (!challenge) throw new Error('no challenge');
    const answer = authorization(challenge, { username: 'trực', password: 'mật:khẩu' }, request);
    expect(Buffer.from(answer.slice(6), 'base64').toString('utf8')).toBe('trực:mật:khẩu');
  });

  it('sends a Vietnamese user name as UTF-8 bytes and hashes the same bytes', () => {
    const [challenge] = readChallenges(['Digest realm="r", nonce="n"']);
    if (!challenge) throw new Error('no challenge');
    const answer = authorization(challenge, { username: 'trực', password: 'khẩu' }, request);
    const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex');
    const response = md5(`${md5('trực:r:khẩu')}:n:${md5('GET:/dir/index.html')}`);
    expect(Buffer.from(answer, 'latin1').toString('utf8')).toContain('username="trực"');
    expect(answer).toContain(`response="${response}"`);
  });

  it('survives any header value, and never lets the password through in clear', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.uuid(), (values, password) => {
        const challenge = strongest(readChallenges([...values, 'Digest realm="r", nonce="n"']));
        if (!challenge) throw new Error('no challenge');
        expect(authorization(challenge, { username: 'u"v\\', password }, request)).not.toContain(password);
      }),
    );
  });
});
