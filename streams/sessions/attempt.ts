import { randomBytes } from 'node:crypto';
import { createGate } from '../../core/gate.ts';
import { MediaFailure } from '../failure.ts';
import { streamArgs } from '../ffmpeg/args.ts';
import { type FfmpegPorts, startStream } from '../ffmpeg/process.ts';
import type { Inputs } from '../inputs.ts';
import type { MediaServer } from '../media-server/media-server.ts';
import type { Attempt, StartAttempt } from './session.ts';

export interface AttemptPorts {
  inputs: Inputs;
  mediaServer: MediaServer;
  run: FfmpegPorts;
  stallMs: number;
  startMs: number;
  maxTranscodes: number;
}

/** Forty cameras opened at once start a few at a time, so that ingest keeps its share of the machine. */
const STARTING_AT_ONCE = 6;
const SERVER_WAIT_MS = 3000;

/** Makes the function that puts one stream on its way: input, media server, FFmpeg. */
export function createStartAttempt(ports: AttemptPorts): StartAttempt {
  const starting = createGate(
    STARTING_AT_ONCE,
    256,
    () => new MediaFailure('busy', 'too many streams starting'),
  );
  const transcoding = createGate(
    ports.maxTranscodes,
    0,
    () => new MediaFailure('busy', 'no room to re-encode one more camera'),
  );

  return async (cameraId, onFirstFrame) => {
    const started = await starting.enter();
    const undo: (() => void)[] = [started];
    try {
      const server = await ports.mediaServer.ready(SERVER_WAIT_MS);
      const input = await ports.inputs.open(cameraId, 'live');
      undo.push(() => input.close());
      if (input.mode.kind === 'transcode') undo.push(await transcoding.enter());
      // A name of its own for each try: nothing of the last one can be mistaken for this one.
      const stream = randomBytes(12).toString('hex');
      const { route } = input;
      const process = startStream(ports.run, {
        args: streamArgs(input.args, input.mode, server.publishUrl(stream)),
        stallMs: ports.stallMs,
        startMs: ports.startMs,
        sourceBytes: route && (() => route.bytesReceived),
        onFirstFrame: () => {
          started();
          onFirstFrame();
        },
      });
      const exited: Attempt['exited'] = process.exited.then((exit) => {
        for (const each of undo) each();
        // The relay knows why the camera failed; FFmpeg knows only that it did.
        if (exit.failure !== null && route?.failure)
          return { failure: route.failure.code, detail: route.failure.detail };
        return exit;
      });
      return { stream, server, stats: process.stats, exited, stop: () => process.stop() };
    } catch (error) {
      for (const each of undo) each();
      throw error;
    }
  };
}
