import { MediaFailure, refusalOf } from '../failure.ts';
import { type DialPorts, dialCamera } from './camera-connection.ts';
import { readCameraUrl } from './camera-url.ts';
import type { RelayCamera } from './relay.ts';
import { type VideoTrack, videoTrack } from './sdp.ts';

/**
 * Asks a camera what it would send, and hangs up: OPTIONS and DESCRIBE, no stream. Throws `MediaFailure`.
 */
export async function describeCamera(camera: RelayCamera, ports: DialPorts): Promise<VideoTrack> {
  const { url } = readCameraUrl(camera.url);
  const connection = await dialCamera({ ...camera, onFrames: () => {} }, ports);
  try {
    // Some cameras want to be greeted; one that does not know OPTIONS may still describe itself.
    await connection.request('OPTIONS', url);
    const response = await connection.request('DESCRIBE', url, [['Accept', 'application/sdp']]);
    if (response.status >= 300 && response.status < 400)
      throw new MediaFailure('redirect_refused', 'the camera redirects to another address');
    if (response.status === 403 || response.status === 401)
      throw new MediaFailure('auth_failed', 'the camera does not let this account in');
    if (response.status !== 200)
      throw new MediaFailure(refusalOf(response.status), `the camera answers ${response.status}`);
    const track = videoTrack(response.body.toString('latin1'));
    if (!track) throw new MediaFailure('unsupported', 'the camera offers no video');
    return track;
  } finally {
    connection.close();
  }
}
