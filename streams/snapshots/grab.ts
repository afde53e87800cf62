import { MediaFailure } from '../failure.ts';
import { pictureArgs, pictureFromFlvArgs } from '../ffmpeg/args.ts';
import type { FfmpegPorts } from '../ffmpeg/process.ts';
import { runFfmpeg } from '../ffmpeg/run.ts';
import { classifyStderr, readVideoDetails, type VideoDetails } from '../ffmpeg/stderr.ts';
import type { OpenInput } from '../inputs.ts';
import type { Attempt } from '../sessions/session.ts';
import { FLV_HEADER, type FlvTag, hasPicture } from '../viewer/flv.ts';
import { readStream } from '../viewer/upstream.ts';

/** A picture as FFmpeg made it: not yet examined. */
export interface RawPicture {
  jpeg: Buffer;
  details: VideoDetails | undefined;
}

/** Longest dial for one picture: cameras with ten seconds between key frames exist. */
const DIAL_MS = 12_000;
const DECODE_MS = 5000;
const KEY_MS = 5000;
const MAX_BYTES = 20 * 1024 * 1024;

/** Dials an opened input for one picture and closes it. Throws `MediaFailure`. */
export async function grabByDialling(input: OpenInput, run: FfmpegPorts): Promise<RawPicture> {
  try {
    const result = await runFfmpeg(run, {
      args: pictureArgs(input.args),
      timeoutMs: DIAL_MS,
      maxBytes: MAX_BYTES,
    });
    if (result.stdout.length > 0) return { jpeg: result.stdout, details: readVideoDetails(result.stderr) };
    const last = result.stderr.split('\n').slice(-2).join(' | ');
    throw new MediaFailure(classifyStderr(result.stderr), `no picture: ${last}`);
  } catch (error) {
    // The relay knows why the camera failed; FFmpeg knows only that it did.
    throw input.route?.failure ?? error;
  } finally {
    input.close();
  }
}

/** Takes the last key frame of a running stream: the camera is not dialled a second time. */
export async function grabFromStream(attempt: Attempt, run: FfmpegPorts): Promise<RawPicture> {
  const flv = await keyFrameOf(attempt, run);
  const result = await runFfmpeg(run, {
    args: pictureFromFlvArgs(),
    timeoutMs: DECODE_MS,
    maxBytes: MAX_BYTES,
    stdin: flv,
  });
  if (result.stdout.length === 0) throw new MediaFailure('unsupported', 'the key frame cannot be decoded');
  return { jpeg: result.stdout, details: undefined };
}

function keyFrameOf(attempt: Attempt, { clock }: FfmpegPorts): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let setup: FlvTag | undefined;
    const fail = (detail: string) => {
      hangUp();
      cancel();
      reject(new MediaFailure('no_frames', detail));
    };
    const cancel = clock.after(KEY_MS, () => fail('no key frame came in time'));
    const hangUp = readStream(attempt, {
      onTags(tags) {
        for (const tag of tags) {
          if (tag.isSetup) setup = tag;
          if (!tag.isKey || !hasPicture(tag)) continue;
          hangUp();
          cancel();
          resolve(Buffer.concat([FLV_HEADER, ...(setup ? [setup.data] : []), tag.data]));
          return;
        }
      },
      onEnd: () => fail('the stream ended'),
    });
  });
}
