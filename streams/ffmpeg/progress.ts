/** One report of `-progress`. Numbers that FFmpeg does not know yet are undefined. */
export interface Progress {
  frames: number;
  fps: number | undefined;
  totalBytes: number | undefined;
}

/** Splits FFmpeg's `key=value` lines into reports; a report ends with `progress=`. Lines are bounded. */
export function createProgressReader(onReport: (progress: Progress) => void): { push(chunk: Buffer): void } {
  let rest = '';
  let fields = new Map<string, string>();
  const number = (key: string) => {
    const value = Number.parseFloat(fields.get(key) ?? '');
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    push(chunk) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = (lines.pop() ?? '').slice(-1024);
      for (const line of lines) {
        const equals = line.indexOf('=');
        if (equals < 1) continue;
        const key = line.slice(0, equals).trim();
        if (key !== 'progress') {
          if (fields.size < 64) fields.set(key, line.slice(equals + 1).trim());
          continue;
        }
        onReport({ frames: number('frame') ?? 0, fps: number('fps'), totalBytes: number('total_size') });
        fields = new Map();
      }
    },
  };
}
