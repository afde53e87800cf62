import { spawn } from 'node:child_process';
import { MediaFailure } from '../failure.ts';
import { killGroup, markChild, unmarkChild } from './marks.ts';
import { CHILD_ENV, type FfmpegPorts, whenExited } from './process.ts';
import { createTail } from './stderr.ts';

export interface RunResult {
  stdout: Buffer;
  /** Redacted. */
  stderr: string;
  code: number | null;
}

/**
 * Runs FFmpeg to its end, with a bound on time and output. Throws `MediaFailure`: `timeout`,
 * `too_much_data`, `media_off`; an exit code is the caller's to judge.
 */
export async function runFfmpeg(
  ports: FfmpegPorts,
  options: { args: readonly string[]; timeoutMs: number; maxBytes: number; stdin?: Buffer },
): Promise<RunResult> {
  const child = spawn(ports.binary, options.args, {
    detached: true,
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: CHILD_ENV,
  });
  const { pid } = child;
  const stderr = createTail(16 * 1024);
  const parts: Buffer[] = [];
  let bytes = 0;
  let failure: MediaFailure | undefined;
  const end = (reason: MediaFailure) => {
    failure ??= reason;
    if (pid !== undefined) killGroup(pid);
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > options.maxBytes) end(new MediaFailure('too_much_data', 'the picture is too large'));
    else parts.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // FFmpeg stops reading once it has its picture.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.stdin);
  const cancel = ports.clock.after(options.timeoutMs, () =>
    end(new MediaFailure('timeout', 'no picture came in time')),
  );
  const marked = pid === undefined ? undefined : markChild(ports.runDir, pid).catch(() => {});
  const exit = await whenExited(child);
  cancel();
  await marked;
  if (pid !== undefined) await unmarkChild(ports.runDir, pid);
  if (exit.error) throw new MediaFailure('media_off', `FFmpeg does not start: ${exit.error.message}`);
  if (failure) throw failure;
  return { stdout: Buffer.concat(parts), stderr: stderr.text(), code: exit.code };
}
