import { afterEach, describe, expect, it } from 'vitest';
import {
  decodeFlv,
  eventually,
  type MediaBench,
  mediaChildren,
  noFfmpeg,
  processList,
  startMediaBench,
} from '../support/media.ts';
import { noRtspCamera, type RtspCamera, startRtspCamera } from '../support/rtsp-camera.ts';

const missing = noFfmpeg ?? noRtspCamera;
const PASSWORD = 'Bí-mật"42\\ok';

let bench: MediaBench | undefined;
let camera: RtspCamera | undefined;

afterEach(async () => {
  await bench?.stop();
  await camera?.kill();
  bench = undefined;
  camera = undefined;
});

const rtsp = (url: string, id = 'cam-1') => ({
  id,
  name: 'Cầu Cảng',
  enabled: true,
  source: { kind: 'rtsp', url },
});

describe.skipIf(missing !== undefined)(`a real RTSP camera${missing ? ` (skipped: ${missing})` : ''}`, () => {
  for (const auth of ['none', 'basic', 'digest'] as const)
    it(`plays through relay, media server and WebSocket with ${auth} sign-in, four slices per picture`, async () => {
      camera = await startRtspCamera({ auth, user: 'viewer', password: PASSWORD });
      bench = await startMediaBench({ probeIntervalMs: 600_000 }, [rtsp(camera.url)]);
      if (auth !== 'none') bench.secrets.set('cam-1', { username: 'viewer', password: PASSWORD });

      const watched = await bench.watch('cam-1', (bytes) => bytes > 150_000);
      const { frames, complaints } = await decodeFlv(watched.flv);
      console.log(auth, watched.firstByteMs, frames);
      expect(complaints).toBe('');
      expect(frames).toBeGreaterThanOrEqual(20);
      expect(bench.log()).not.toContain(PASSWORD);
    });
});
