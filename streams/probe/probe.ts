import { asFailure } from '../failure.ts';
import type { FfmpegPorts } from '../ffmpeg/process.ts';
import type { Inputs } from '../inputs.ts';
import type { DialPorts } from '../relay/camera-connection.ts';
import { describeCamera } from '../relay/describe.ts';
import type { Credential } from '../relay/digest.ts';
import { grabByDialling } from '../snapshots/grab.ts';
import type { Images, Picture } from '../snapshots/images.ts';
import type { SourceRegistry } from '../source-kind.ts';
import { observe, unknownHealth, type Verdict } from './health.ts';

export interface ProbePorts {
  inputs: Inputs;
  sources: SourceRegistry;
  dial: DialPorts;
  run: FfmpegPorts;
  images: Images;
}

/**
 * Tries a source out, stored or not: describes it, takes one picture. Never throws: what went wrong is in
 * the verdict. This is the button "test the connection".
 */
export async function probeCamera(
  ports: ProbePorts,
  subject: { source: unknown; credential: Credential | undefined; name?: string },
): Promise<{ verdict: Verdict; picture: Picture | undefined; detail: string | undefined }> {
  const { clock } = ports.run;
  const start = unknownHealth(clock.now());
  let codec: string | undefined;
  try {
    const input = ports.sources.read(subject.source);
    if (input.reach.by === 'relay')
      codec = (await describeCamera({ url: input.reach.url, credential: subject.credential }, ports.dial))
        .codec;
    const opened = await ports.inputs.openSubject(
      { name: subject.name ?? '', source: subject.source, credential: async () => subject.credential },
      'still',
    );
    const raw = await grabByDialling(opened, ports.run);
    const picture = await ports.images.normalise(raw.jpeg, null);
    const details = raw.details ?? {
      codec: codec ?? 'unknown',
      width: picture.width,
      height: picture.height,
    };
    const { verdict } = observe(start, { type: 'picture', details }, clock.now());
    return { verdict, picture, detail: undefined };
  } catch (error) {
    const failure = asFailure(error);
    const answered = codec === undefined ? start : observe(start, { type: 'answered', codec }, clock.now());
    const { verdict } = observe(
      { ...answered, failures: 1 },
      { type: 'failed', code: failure.code },
      clock.now(),
    );
    return { verdict, picture: undefined, detail: failure.detail };
  }
}
