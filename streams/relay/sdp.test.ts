import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCameraUrl } from './camera-url.ts';
import { contentBase, controlUrl, rewriteSdp, videoTrack } from './sdp.ts';

const CAMERA = 'rtsp://192.168.1.64:554/Streaming/Channels/101?transportmode=unicast';

describe('the SDP of a camera', () => {
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 6.6.6.6',
    's=Media Presentation',
    'u=http://6.6.6.6/x',
    'c=IN IP4 239.1.2.3/16',
    't=0 0',
    'a=control:rtsp://6.6.6.6/all',
    'a=range:npt=0-',
    'm=audio 0 RTP/AVP 8',
    'a=control:trackID=2',
    'm=video 0 RTP/AVP 96',
    'c=IN IP4 6.6.6.6',
    'a=rtpmap:96 H264/90000',
    'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0IAHpWoKA9k,aM48gA==',
    'a=control:rtsp://6.6.6.6:9999/evil/trackID=1',
    'm=application 0 RTP/AVP 107',
    'a=control:trackID=3',
  ].join('\r\n');

  it('is reduced to its video, without sound and without any address of the camera’s choice', () => {
    const text = rewriteSdp(sdp, 'video');
    expect(text).not.toMatch(/6\.6\.6\.6|239\.|audio|application|trackID/);
    expect(text).toContain('a=fmtp:96 packetization-mode=1');
    expect(text.match(/a=control:/g)).toHaveLength(2);
    expect(text).toContain('a=control:video');
    expect(text.startsWith('v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n')).toBe(true);
  });

  it('tells the codec by FFmpeg’s name', () => {
    expect(videoTrack(sdp)).toEqual({ codec: 'h264', control: 'rtsp://6.6.6.6:9999/evil/trackID=1' });
    expect(videoTrack('m=video 0 RTP/AVP 97\na=rtpmap:97 H265/90000')?.codec).toBe('hevc');
    expect(videoTrack('m=video 0 RTP/AVP 26')?.codec).toBe('mjpeg');
    expect(videoTrack('m=audio 0 RTP/AVP 0')).toBeUndefined();
  });

  it('never asks another host, whatever control and base say', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl().map((url) => url.replace(/^https?/, 'rtsp')),
          fc.string(),
          fc.constant('*'),
        ),
        fc.option(fc.oneof(fc.constant('rtsp://6.6.6.6:1/x/'), fc.string()), { nil: undefined }),
        (control, base) =>
          controlUrl(contentBase(CAMERA, base), control).startsWith('rtsp://192.168.1.64:554/'),
      ),
    );
    expect(controlUrl(contentBase(CAMERA, 'rtsp://10.0.0.5/a/'), 'trackID=1')).toBe(
      'rtsp://192.168.1.64:554/a/trackID=1',
    );
    expect(controlUrl(CAMERA, 'trackID=1')).toBe(`${CAMERA}/trackID=1`);
  });
});

describe('a camera address', () => {
  it('is read with its port, and without a credential', () => {
    expect(readCameraUrl('rtsp://cam.local/live')).toEqual({
      host: 'cam.local',
      port: 554,
      url: 'rtsp://cam.local/live',
    });
    expect(readCameraUrl('RTSP://10.0.0.9:8554')).toEqual({
      host: '10.0.0.9',
      port: 8554,
      url: 'rtsp://10.0.0.9:8554/',
    });
    expect(readCameraUrl('rtsp://[2001:db8::1]:554/a').host).toBe('[2001:db8::1]');
  });

  it('is refused with a credential, another scheme, spaces or line ends', () => {
    for (const url of [
      'rtsp://u:p@host/a',
      'rtsp://u@host/a',
      'file:///etc/passwd',
      'http://host/a',
      'rtsp://host/a b',
      'rtsp://host/a\r\nX: 1',
      'rtsp://',
      'rtsp://host:0/',
      'rtsp://host:70000/',
      '-i',
    ])
      expect(() => readCameraUrl(url), url).toThrow('camera address');
  });

  it('never names a credential in its error', () => {
    expect(() => readCameraUrl('rtsp://admin:hunter2@host/a')).toThrow(/^(?!.*hunter2)/);
  });
});
