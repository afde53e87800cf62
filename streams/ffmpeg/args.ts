/**
 * Every argument that FFmpeg is ever given, with its reason. Arguments are an array and no shell reads
 * them; what comes from outside (a path, a name) is one element or is escaped by its builder.
 * Only options that mean the same in FFmpeg 4.4 to 7 are used: `-timeout` and `-stimeout` are not.
 */
export const FRAGMENTS = {
  /** Errors only, no questions, no colours; `-nostdin` because a stray `q` on stdin would stop the stream. */
  quiet: ['-hide_banner', '-nostdin', '-loglevel', 'error'],
  /** Same, but stdin is the input. */
  quietPiped: ['-hide_banner', '-loglevel', 'error'],
  /** Machine-readable progress twice a second: the watchdog's food. */
  progress: ['-progress', 'pipe:1', '-stats_period', '0.5'],
  /** From our relay over one TCP connection: no UDP ports, no other protocol, whatever the SDP says. */
  rtspInput: [
    ...['-protocol_whitelist', 'rtsp,rtp,tcp'],
    ...['-rtsp_transport', 'tcp', '-allowed_media_types', 'video'],
  ],
  /**
   * FFmpeg looks at the stream until it knows enough, 0.7 s with a camera that describes itself; the bounds
   * are for those that must be waited for, up to ten seconds between key frames. Without `-fpsprobesize 0`
   * it would count twenty pictures first.
   */
  cameraAnalysis: ['-analyzeduration', '12000000', '-probesize', '5000000', '-fpsprobesize', '0'],
  /** A file plays in its own time, over and over. */
  fileInput: ['-protocol_whitelist', 'file', '-re', '-stream_loop', '-1'],
  fileStill: ['-protocol_whitelist', 'file'],
  /** Drawn by FFmpeg itself; `-re` keeps it at the speed of the clock. */
  drawnInput: ['-protocol_whitelist', 'file', '-re', '-f', 'lavfi'],
  drawnStill: ['-protocol_whitelist', 'file', '-f', 'lavfi'],
  /** First video track and nothing else: no sound, no subtitles, no data. */
  videoOnly: ['-map', '0:v:0', '-an', '-sn', '-dn'],
  /** The camera's own H.264, untouched: 0.5 % of a core. */
  copy: ['-c:v', 'copy'],
  /** One second between key frames: a new viewer, or one who fell behind, waits at most that long. */
  encode: {
    libx264: [
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
      ...['-crf', '27', '-maxrate', '2500k', '-bufsize', '2500k', '-pix_fmt', 'yuv420p'],
      ...['-force_key_frames', 'expr:gte(t,n_forced*1)', '-threads', '1'],
    ],
    libopenh264: [
      ...['-c:v', 'libopenh264', '-b:v', '1500k', '-pix_fmt', 'yuv420p'],
      ...['-force_key_frames', 'expr:gte(t,n_forced*1)'],
    ],
  },
  /** A re-encoded camera is brought down to what two cores can bear. */
  shrink: ['-vf', "scale='min(1280,iw)':-2", '-r', '12'],
  /** FLV is never sought in, so its header need not be rewritten at the end. */
  flv: ['-flvflags', 'no_duration_filesize', '-f', 'flv'],
  /** One picture to stdout. `-q:v 3` is visually whole at about a tenth of the size of PNG. */
  jpeg: ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2pipe', 'pipe:1'],
  /** mjpeg wants full-range colours; without this FFmpeg 5 and 7 disagree about H.264's usual range. */
  jpegColours: ['-pix_fmt', 'yuvj420p'],
  /** FLV bytes on stdin. */
  flvPiped: ['-protocol_whitelist', 'pipe', '-f', 'flv', '-i', 'pipe:0'],
} as const;

type Encoder = keyof typeof FRAGMENTS.encode;

/** How the video gets into H.264: as it is, drawn or re-encoded at its own size, or re-encoded smaller. */
export type VideoMode = { kind: 'copy' } | { kind: 'encode' | 'transcode'; encoder: Encoder };

/** A stream from a source's input to the media server. */
export function streamArgs(input: readonly string[], mode: VideoMode, publishUrl: string): string[] {
  return [
    ...FRAGMENTS.quiet,
    ...FRAGMENTS.progress,
    ...input,
    ...FRAGMENTS.videoOnly,
    ...(mode.kind === 'transcode' ? FRAGMENTS.shrink : []),
    ...(mode.kind === 'copy' ? FRAGMENTS.copy : FRAGMENTS.encode[mode.encoder]),
    ...FRAGMENTS.flv,
    publishUrl,
  ];
}

/** One JPEG picture from a source's input, on stdout; stream details on stderr. */
export function pictureArgs(input: readonly string[]): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'info', '-nostats'],
    ...input,
    ...FRAGMENTS.videoOnly,
    ...FRAGMENTS.jpegColours,
    ...FRAGMENTS.jpeg,
  ];
}

/** One JPEG picture from FLV bytes on stdin. */
export function pictureFromFlvArgs(): string[] {
  return [...FRAGMENTS.quietPiped, ...FRAGMENTS.flvPiped, ...FRAGMENTS.jpegColours, ...FRAGMENTS.jpeg];
}

/** Describes an input on stderr; FFmpeg exits 1 because no output is named, which is expected. */
export function describeArgs(input: readonly string[]): string[] {
  return ['-hide_banner', '-nostdin', ...input];
}
