import { stat } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import { type CameraDirectory, type CameraSecrets, cameraToShow, fileInside } from './cameras.ts';
import { MediaFailure } from './failure.ts';
import { describeArgs, type VideoMode } from './ffmpeg/args.ts';
import type { Ffmpeg } from './ffmpeg/find.ts';
import type { FfmpegPorts } from './ffmpeg/process.ts';
import { runFfmpeg } from './ffmpeg/run.ts';
import { readVideoDetails } from './ffmpeg/stderr.ts';
import type { DialPorts } from './relay/camera-connection.ts';
import { describeCamera } from './relay/describe.ts';
import type { Credential } from './relay/digest.ts';
import type { Relay, RelayRoute } from './relay/relay.ts';
import type { InputContext, SourceRegistry } from './source-kind.ts';

/** What must be known and opened before FFmpeg can be given a camera. */
export interface OpenInput {
  args: string[];
  mode: VideoMode;
  /** Undefined for sources that are not dialled. */
  route: RelayRoute | undefined;
  /** Closes the relay path and remembers what the camera turned out to send. */
  close(): void;
}

/** What an input is made from; a stored camera or one that is only being tried out. */
interface InputSubject {
  name: string;
  source: unknown;
  credential: () => Promise<Credential | undefined>;
  /** What it sends, if that is known. */
  codec?: string;
}

export interface Inputs {
  /** Opens a camera of the directory. Throws `MediaFailure`. */
  open(cameraId: string, purpose: InputContext['purpose']): Promise<OpenInput>;
  /** Opens anything. For a `still`, the mode means nothing. */
  openSubject(subject: InputSubject, purpose: InputContext['purpose']): Promise<OpenInput>;
  /** Forgets what was learnt about a camera. */
  forget(cameraId: string): void;
  learnt(cameraId: string, codec: string): void;
}

export interface InputPorts {
  clock: Clock;
  cameras: CameraDirectory;
  secrets: CameraSecrets;
  sources: SourceRegistry;
  relay: Relay;
  dial: DialPorts;
  ffmpeg: Ffmpeg;
  run: FfmpegPorts;
  mediaDir: string;
  utcOffsetMin: number;
}

const DESCRIBE_MS = 8000;

export function createInputs(ports: InputPorts): Inputs {
  /** What a camera sends, from its last description. */
  const codecs = new Map<string, string>();
  /** The same for files, which do not change while their size and time stay. */
  const files = new Map<string, string>();

  function modeFor(codec: string): VideoMode {
    if (codec === 'h264') return { kind: 'copy' };
    const encoder = ports.ffmpeg.h264Encoder;
    if (!encoder)
      throw new MediaFailure('unsupported', `${codec} needs an H.264 encoder, which this FFmpeg lacks`);
    return { kind: 'transcode', encoder };
  }

  async function fileCodec(args: string[], path: string): Promise<string> {
    const { size, mtimeMs } = await stat(path);
    const key = `${path}\0${size}\0${mtimeMs}`;
    const known = files.get(key);
    if (known !== undefined) return known;
    const { stderr } = await runFfmpeg(ports.run, {
      args: describeArgs(args),
      timeoutMs: DESCRIBE_MS,
      maxBytes: 1024,
    });
    const details = readVideoDetails(stderr);
    if (!details) throw new MediaFailure('unsupported', 'the file holds no video that can be read');
    if (files.size > 256) files.clear();
    files.set(key, details.codec);
    return details.codec;
  }

  async function openSubject(
    subject: InputSubject,
    purpose: InputContext['purpose'],
  ): Promise<OpenInput & { codec: string | undefined }> {
    const input = ports.sources.read(subject.source);
    const context: InputContext = {
      purpose,
      relayUrl: '',
      filePath: '',
      name: subject.name,
      nowMs: ports.clock.now(),
      utcOffsetMin: ports.utcOffsetMin,
      fontFile: ports.ffmpeg.canDrawText ? ports.ffmpeg.fontFile : undefined,
    };
    const local = { route: undefined, codec: undefined, close: () => {} };
    const still = purpose === 'still';
    switch (input.reach.by) {
      case 'drawing': {
        const encoder = ports.ffmpeg.h264Encoder;
        if (!encoder && !still) throw new MediaFailure('unsupported', 'this FFmpeg has no H.264 encoder');
        return {
          ...local,
          args: input.args(context),
          mode: { kind: 'encode', encoder: encoder ?? 'libx264' },
        };
      }
      case 'file': {
        const filePath = await fileInside(ports.mediaDir, input.reach.path);
        const args = input.args({ ...context, filePath });
        if (still) return { ...local, args, mode: { kind: 'copy' } };
        const codec = await fileCodec(input.args({ ...context, purpose: 'still', filePath }), filePath);
        return { ...local, args, mode: modeFor(codec) };
      }
      case 'relay': {
        const { url } = input.reach;
        const credential = await subject.credential();
        let { codec } = subject;
        // Whether the stream can be copied must be known first; mostly the probe has found it out already.
        if (codec === undefined && !still)
          codec = (await describeCamera({ url, credential }, ports.dial)).codec;
        const mode = still ? ({ kind: 'copy' } as const) : modeFor(codec ?? 'h264');
        const route = ports.relay.open({ url, credential });
        const args = input.args({ ...context, relayUrl: route.url });
        return { args, mode, route, codec, close: () => route.close() };
      }
    }
  }

  return {
    openSubject,
    learnt: (cameraId, codec) => codecs.set(cameraId, codec),
    forget: (cameraId) => codecs.delete(cameraId),
    async open(cameraId, purpose) {
      const camera = cameraToShow(ports.cameras, cameraId);
      const known = codecs.get(cameraId);
      const input = await openSubject(
        {
          name: camera.name,
          source: camera.source,
          credential: () => ports.secrets(cameraId),
          ...(known === undefined ? {} : { codec: known }),
        },
        purpose,
      );
      if (input.codec !== undefined) codecs.set(cameraId, input.codec);
      return {
        ...input,
        close() {
          if (input.route?.track) codecs.set(cameraId, input.route.track.codec);
          input.close();
        },
      };
    },
  };
}
