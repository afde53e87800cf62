import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { type FakeRtsp, SDP, startFakeRtsp } from '../../test/support/fake-rtsp.ts';
import { testLogger } from '../../test/support/logger.ts';
import { createAddressPolicy } from './address-policy.ts';
import type { DialPorts } from './camera-connection.ts';
import { describeCamera } from './describe.ts';
import type { Credential } from './digest.ts';
import { createRelay, type Relay, type RelayRoute } from './relay.ts';
import {
  createRtspParser,
  header,
  type RtspItem,
  type RtspRequest,
  type RtspResponse,
  writeRequest,
} from './rtsp-message.ts';

const dial: DialPorts = {
  clock: systemClock,
  policy: createAddressPolicy(['127.0.0.0/8']),
  lookup: async (host) => [{ address: host, family: 4 }],
  answerMs: 600,
  maxBytesPerS: 1_000_000,
};

let camera: FakeRtsp;
let relay: Relay;
let player: Player | undefined;

afterEach(async () => {
  player?.socket.destroy();
  await relay?.stop();
  await camera?.stop();
});

/** Stands in for FFmpeg. */
interface Player {
  socket: Socket;
  items: RtspItem[];
  ask(method: string, url: string, fields?: [string, string][]): Promise<RtspResponse>;
  closed: Promise<void>;
}

function openPlayer(url: string): Promise<Player> {
  const socket = connect(Number(new URL(url.replace('rtsp', 'http')).port), '127.0.0.1');
  const parser = createRtspParser();
  const items: RtspItem[] = [];
  const waiting: ((response: RtspResponse) => void)[] = [];
  let sequence = 0;
  socket.on('data', (chunk) => {
    for (const item of parser.push(chunk)) {
      items.push(item);
      if (item.kind === 'response') waiting.shift()?.(item);
    }
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return new Promise((resolve) =>
    socket.once('connect', () =>
      resolve({
        socket,
        items,
        closed,
        ask: (method, target, fields = []) =>
          new Promise((answer) => {
            waiting.push(answer);
            socket.write(writeRequest(method, target, [['CSeq', String(++sequence)], ...fields]));
          }),
      }),
    ),
  );
}

async function route(
  answer: Parameters<typeof startFakeRtsp>[0],
  credential?: Credential,
): Promise<RelayRoute> {
  camera = await startFakeRtsp(answer);
  relay = createRelay({ ...dial, logger: testLogger() });
  await relay.start();
  const opened = relay.open({ url: camera.url, credential });
  player = await openPlayer(opened.url);
  return opened;
}

const describeOf = (url: string) => player?.ask('DESCRIBE', url, [['Accept', 'application/sdp']]);
const sdpAnswer = { status: 200, fields: [['Content-Type', 'application/sdp'] as const], body: SDP };

describe('the relay', () => {
  it('carries a whole conversation under its own names, TCP only', async () => {
    const seen = (request: RtspRequest) => `${request.method} ${request.url}`;
    const opened = await route((request, socket) => {
      if (request.method === 'DESCRIBE')
        return { ...sdpAnswer, fields: [...sdpAnswer.fields, ['Content-Base', 'rtsp://10.9.8.7/inner/']] };
      if (request.method === 'SETUP')
        return {
          status: 200,
          fields: [
            ['Session', '77;timeout=60'],
            ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1;source=10.9.8.7;ssrc=1234abcd'],
          ],
        };
      if (request.method === 'PLAY') setImmediate(() => socket.write(Buffer.from([0x24, 0, 0, 3, 1, 2, 3])));
      return { status: 200, fields: [['RTP-Info', 'url=rtsp://10.9.8.7/inner/track1']] };
    });
    const { url } = opened;

    const options = await player?.ask('OPTIONS', url);
    const described = await describeOf(url);
    expect(header(described as RtspResponse, 'content-base')).toBe(`${url}/`);
    expect(described?.body.toString()).not.toContain('10.9.8.7');
    const setup = await player?.ask('SETUP', `${url}/video`, [
      ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'],
    ]);
    expect(header(setup as RtspResponse, 'transport')).toBe(
      'RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234abcd',
    );
    const played = await player?.ask('PLAY', `${url}/`, [
      ['Session', '77'],
      ['X-Secret', 'no'],
    ]);
    expect([options?.status, setup?.status, played?.status]).toEqual([200, 200, 200]);
    expect(header(played as RtspResponse, 'rtp-info')).toBeUndefined();
    expect(camera.requests.map(seen)).toEqual([
      `OPTIONS ${camera.url}`,
      `DESCRIBE ${camera.url}`,
      `SETUP rtsp://127.0.0.1:${camera.port}/inner/track1`,
      `PLAY rtsp://127.0.0.1:${camera.port}/inner/`,
    ]);
    expect(camera.requests.at(-1)?.fields.map(([name]) => name)).not.toContain('X-Secret');

    await expect.poll(() => player?.items.some((item) => item.kind === 'frames')).toBe(true);
    expect(opened.bytesReceived).toBe(7);
    expect(opened.track?.codec).toBe('h264');
    expect(camera.connections()).toBe(1);
  });

  it('refuses a redirect and never dials where it points', async () => {
    const victim = await startFakeRtsp(() => sdpAnswer);
    const opened = await route(() => ({ status: 302, fields: [['Location', victim.url]] }));
    const answer = await describeOf(opened.url);
    expect(answer?.status).not.toBe(302);
    expect(answer === undefined || answer.fields.some(([name]) => /location/i.test(name))).toBe(false);
    expect(opened.failure?.code).toBe('redirect_refused');
    expect(victim.connections()).toBe(0);
    await victim.stop();
  });

  it('gives up on a camera that says nothing', async () => {
    const opened = await route(() => undefined);
    const startedAt = performance.now();
    const answer = await describeOf(opened.url);
    expect(answer?.status).toBe(408);
    expect(opened.failure?.code).toBe('timeout');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('tries a wrong password once and says so', async () => {
    let nonce = 0;
    const opened = await route(
      () => ({ status: 401, fields: [['WWW-Authenticate', `Digest realm="r", nonce="n${nonce++}"`]] }),
      { username: 'u', password: 'wrong-one' },
    );
    const answer = await describeOf(opened.url);
    expect(answer?.status).toBe(401);
    expect(header(answer as RtspResponse, 'www-authenticate')).toBeUndefined();
    expect(opened.failure?.code).toBe('auth_failed');
    expect(opened.failure?.message).not.toContain('wrong-one');
    expect(camera.requests.map((request) => header(request, 'authorization') !== undefined)).toEqual([
      false,
      true,
    ]);
  });

  it('signs in with SHA-256 and follows a nonce that changes under way', async () => {
    const credential = { username: 'u', password: 'pass' };
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    let nonce = 'first';
    const challenge = () => ({
      status: 401,
      fields: [
        ['WWW-Authenticate', `Digest realm="r", nonce="${nonce}", algorithm=SHA-256, qop="auth"`] as const,
      ],
    });
    const opened = await route((request) => {
      const given = header(request, 'authorization') ?? '';
      const part = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(given)?.[1] ?? '';
      const expected = sha(
        `${sha('u:r:pass')}:${nonce}:${part('nc')}:${part('cnonce')}:auth:${sha(`${request.method}:${request.url}`)}`,
      );
      if (part('response') !== expected || part('nonce') !== nonce) return challenge();
      return request.method === 'DESCRIBE' ? sdpAnswer : { status: 200 };
    }, credential);
    expect((await player?.ask('OPTIONS', opened.url))?.status).toBe(200);
    nonce = 'second';
    expect((await describeOf(opened.url))?.status).toBe(200);
    // Bare, signed; signed with the old nonce, signed with the new one.
    expect(camera.requests).toHaveLength(4);
  });

  it('refuses an answer that moves the media off the connection', async () => {
    const opened = await route((request) => {
      if (request.method === 'DESCRIBE') return sdpAnswer;
      return {
        status: 200,
        fields: [
          ['Session', '1'],
          ['Transport', 'RTP/AVP;unicast;destination=10.0.0.1;client_port=5000-5001'],
        ],
      };
    });
    await describeOf(opened.url);
    const setup = await player?.ask('SETUP', `${opened.url}/video`, [
      ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'],
    ]);
    expect(setup?.status).toBe(415);
    expect(opened.failure?.code).toBe('unsupported');
  });

  it('cuts off a camera that floods', async () => {
    const opened = await route((request, socket) => {
      if (request.method !== 'OPTIONS') return undefined;
      const frame = Buffer.alloc(60_004, 7);
      frame.set([0x24, 0, 60_000 >> 8, 60_000 & 255]);
      for (let i = 0; i < 60; i++) socket.write(frame);
      return { status: 200 };
    });
    player?.socket.write(writeRequest('OPTIONS', opened.url, [['CSeq', '1']]));
    await player?.closed;
    expect(opened.failure?.code).toBe('too_much_data');
  });

  it('hangs up on a camera that speaks something else', async () => {
    const opened = await route((_request, socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      return undefined;
    });
    expect((await describeOf(opened.url))?.status).toBe(415);
    expect(opened.failure?.code).toBe('unsupported');
  });

  it('says that the camera has no such stream when it answers so', async () => {
    const opened = await route((request) => (request.method === 'DESCRIBE' ? { status: 404 } : undefined));
    await describeOf(opened.url);
    expect(opened.failure?.code).toBe('not_found');
  });

  it('answers no requests of the camera but refuses them', async () => {
    let refused: string | undefined;
    const opened = await route((request, socket) => {
      socket.write('REDIRECT rtsp://a RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://127.0.0.1:1/\r\n\r\n');
      socket.once('data', (chunk) => {
        refused = chunk.toString();
      });
      return request.method === 'DESCRIBE' ? sdpAnswer : { status: 200 };
    });
    expect((await describeOf(opened.url))?.status).toBe(200);
    await expect.poll(() => refused).toContain('501');
  });

  it('knows nobody without the path, and serves one connection per path', async () => {
    const opened = await route((request) => (request.method === 'DESCRIBE' ? sdpAnswer : { status: 200 }));
    await describeOf(opened.url);
    for (const url of [opened.url, opened.url.replace(/\/[\w-]+$/, '/guess')]) {
      const other = await openPlayer(url);
      expect((await other.ask('OPTIONS', url)).status).toBe(404);
    }
    opened.close();
    await player?.closed;
    expect(camera.connections()).toBe(1);
  });

  it('refuses an address outside the allowed networks without dialling', async () => {
    camera = await startFakeRtsp(() => sdpAnswer);
    const strict = { ...dial, policy: createAddressPolicy([]) };
    await expect(describeCamera({ url: camera.url, credential: undefined }, strict)).rejects.toMatchObject({
      code: 'address_refused',
    });
    const rebinding = {
      ...strict,
      lookup: async () => [{ address: '::ffff:127.0.0.1', family: 6 as const }],
    };
    await expect(
      describeCamera({ url: `rtsp://cam.example:${camera.port}/a`, credential: undefined }, rebinding),
    ).rejects.toMatchObject({ code: 'address_refused' });
    expect(camera.connections()).toBe(0);
  });
});
