import type { FailureCode } from '../failure.ts';

/** Takes out whatever could be a secret: credentials in URLs, publish signatures, relay paths. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1***@')
    .replace(/\b(rtsps?:\/\/127\.0\.0\.1:\d+\/)[\w-]+/gi, '$1***')
    .replace(/\b(sign|ticket|token|password|secret|authorization)=[^\s&"']+/gi, '$1=***');
}

/** Keeps the last lines of a child's stderr: the first error is usually among the last few lines. */
export function createTail(maxBytes = 4096): { push(chunk: Buffer): void; text(): string } {
  let text = '';
  return {
    push(chunk) {
      text = (text + chunk.toString('utf8')).slice(-maxBytes);
    },
    text: () => redact(text).trim(),
  };
}

/** What FFmpeg's last words mean. The relay's own failure, if there is one, is more exact. */
export function classifyStderr(text: string): FailureCode {
  if (/401 Unauthorized|403 Forbidden|authorization failed/i.test(text)) return 'auth_failed';
  if (/rtmp:\/\/|Error writing trailer|av_interleaved_write_frame|Broken pipe/i.test(text))
    return 'media_server';
  if (/Connection timed out|408 Request|ETIMEDOUT/i.test(text)) return 'timeout';
  if (
    /not compatible with flv|Could not find codec parameters|Decoder .* not found|codec not currently supported|Could not write header|Video codec .* not|415 Unsupported|Unsupported codec/i.test(
      text,
    )
  )
    return 'unsupported';
  if (/Invalid data found|moov atom not found|does not contain any stream/i.test(text)) return 'unsupported';
  if (/No such file or directory|Permission denied/i.test(text)) return 'invalid_source';
  if (/Connection refused|No route to host|Network is unreachable|404 Not Found|503 Service/i.test(text))
    return 'unreachable';
  return 'crashed';
}

export interface VideoDetails {
  codec: string;
  width: number;
  height: number;
}

/** Reads `Stream #0:0…: Video: h264 (Main), yuv420p(tv), 640x360 …` of the first input. */
export function readVideoDetails(text: string): VideoDetails | undefined {
  const match = /Stream #0:\d+.*?: Video: (\w+).*?, (\d{2,5})x(\d{2,5})\b/.exec(text);
  if (!match) return undefined;
  return { codec: match[1] ?? '', width: Number(match[2]), height: Number(match[3]) };
}
