import { z } from 'zod';

const seconds = (value: number) => value * 1000;
const MIB = 1024 * 1024;

/** Everything about media that an operator may set. Defaults are what a small centre needs. */
export const MediaSettings = z.object({
  ffmpegPath: z.string().optional().describe('FFmpeg binary; unset = ffmpeg-static, then the search path'),
  searchPath: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .describe('directories in which ffmpeg is looked for, as in PATH'),
  runDir: z.string().describe('directory for process marks; emptied of dead entries at start'),
  mediaDir: z.string().describe('the only folder from which cameras of kind `file` may play'),
  cameraSubnets: z
    .array(z.string())
    .default([])
    .describe(
      'CIDR blocks in which cameras may live; empty = any address but loopback, link-local and multicast',
    ),
  drainMs: z
    .number()
    .int()
    .min(0)
    .default(seconds(10))
    .describe('how long a stream runs on after its last viewer'),
  stallMs: z
    .number()
    .int()
    .min(500)
    .default(3500)
    .describe('FFmpeg is killed when no frame came for this long'),
  startMs: z
    .number()
    .int()
    .min(1000)
    .default(seconds(20))
    .describe('longest wait for the first frame of a camera that does send data'),
  holdMs: z
    .number()
    .int()
    .min(500)
    .default(seconds(8))
    .describe('how long a viewer waits for a picture before it is told that the camera is down'),
  retryMinMs: z.number().int().min(100).default(seconds(5)).describe('first pause after a failed dial'),
  retryMaxMs: z.number().int().min(100).default(seconds(60)).describe('longest pause after failed dials'),
  probeIntervalMs: z
    .number()
    .int()
    .min(1000)
    .default(seconds(30))
    .describe('how often a healthy camera that nobody watches is asked'),
  frameIntervalMs: z
    .number()
    .int()
    .min(1000)
    .default(seconds(300))
    .describe('how often such a camera must also give a picture'),
  maxSessions: z.number().int().min(1).default(32).describe('cameras that may be streamed at one time'),
  maxTranscodes: z
    .number()
    .int()
    .min(0)
    .default(2)
    .describe('streams re-encoded to H.264 at one time, for cameras that send anything else'),
  maxBitrateMbps: z.number().min(0.1).default(40).describe('a camera that sends more is cut off'),
  viewerLowBytes: z
    .number()
    .int()
    .default(1 * MIB)
    .describe('above this backlog a viewer is dropped forward to the next key frame'),
  viewerMaxBytes: z
    .number()
    .int()
    .default(8 * MIB)
    .describe('above this backlog a viewer is closed'),
  viewerStuckMs: z
    .number()
    .int()
    .default(seconds(30))
    .describe('a viewer that stays behind this long is closed'),
  ticketMs: z.number().int().default(seconds(60)).describe('life of a play ticket'),
  pictureCacheBytes: z
    .number()
    .int()
    .default(64 * MIB)
    .describe('memory for the last good pictures'),
  utcOffsetMin: z
    .number()
    .int()
    .min(-840)
    .max(840)
    .default(0)
    .describe('offset of local time, for the clock drawn into test pictures'),
});
export type MediaSettings = z.infer<typeof MediaSettings>;
