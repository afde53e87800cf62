import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../core/errors.ts';
import { endpointOf, shownSource, splitSource } from './camera-source.ts';

const rtsp = (url: string, more: { username?: string; password?: string } = {}) =>
  splitSource({ kind: 'rtsp', url, ...more });

describe('a camera source', () => {
  it.each([
    ['rtsp://10.0.0.5/live', 'rtsp://10.0.0.5/live', undefined],
    ['rtsp://admin:secret@10.0.0.5:8554/a?b=c', 'rtsp://10.0.0.5:8554/a?b=c', ['admin', 'secret']],
    ['RTSP://admin@cam.local/', 'rtsp://cam.local/', ['admin', '']],
    ['rtsp://us%40er:p%3Aa%2Fs@host/x', 'rtsp://host/x', ['us@er', 'p:a/s']],
    ['rtsp://admin:p@ss@host/x', 'rtsp://host/x', ['admin', 'p@ss']],
    ['rtsp://admin:100%@host/x', 'rtsp://host/x', ['admin', '100%']],
    ['rtsp://a:b@[2001:db8::7]:554/s', 'rtsp://[2001:db8::7]:554/s', ['a', 'b']],
  ])('%s is taken apart', (url, stored, person) => {
    const { source, credential } = rtsp(url);
    expect(source).toEqual({ kind: 'rtsp', url: stored });
    expect(credential).toEqual(person && { username: person[0], password: person[1] });
  });

  it.each([
    'http://host/x',
    'rtsp://',
    'rtsp:///path',
    'rtsp://host/a b',
    'rtsp://host/a\r\nX: y',
    'rtsp://host:0/a',
    'rtsp://host:70000/a',
    'rtsp://host/a#b',
    '-i rtsp://host/a',
    'concat:rtsp://host/a|/etc/passwd',
    'rtsp://ho%73t/a',
  ])('%s is refused', (url) => {
    let error: unknown;
    try {
      rtsp(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(isAppError(error, 'camera.address_refused')).toBe(true);
  });

  it('takes a named credential before the one in the address', () => {
    expect(rtsp('rtsp://a:b@host/x', { username: 'c', password: 'd' }).credential).toEqual({
      username: 'c',
      password: 'd',
    });
  });

  it('never keeps or shows a password, whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 8, maxLength: 40 }),
        (username, password) => {
          const url = `rtsp://${encodeURIComponent(username)}:${encodeURIComponent(password)}@camera.example/live`;
          const { source, credential } = rtsp(url);
          expect(credential).toEqual({ username, password });
          expect(JSON.stringify([source, shownSource(source, true)])).toBe(
            JSON.stringify([
              { kind: 'rtsp', url: 'rtsp://camera.example/live' },
              { kind: 'rtsp', address: 'rtsp://camera.example/live', hasCredential: true },
            ]),
          );
        },
      ),
    );
  });

  it('goes to another place when host or port differ', () => {
    const place = (url: string) => endpointOf(rtsp(url).source);
    expect(place('rtsp://a:b@Host:554/x')).toBe(place('rtsp://host:554/y'));
    expect(place('rtsp://host/x')).not.toBe(place('rtsp://host:8554/x'));
    expect(place('rtsp://host/x')).not.toBe(place('rtsp://other/x'));
  });
});
