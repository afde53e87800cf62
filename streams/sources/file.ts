import { z } from 'zod';
import { FRAGMENTS } from '../ffmpeg/args.ts';
import { defineSource } from '../source-kind.ts';

/** A recording that plays in a loop, from the media folder and from nowhere else. */
export default defineSource({
  kind: 'file',
  schema: z.object({
    kind: z.literal('file'),
    path: z
      .string()
      .min(1)
      .max(1000)
      .regex(/^[^\0\r\n]+$/, 'no control characters')
      .refine((path) => !path.split(/[/\\]/).includes('..'), 'no way out of the media folder')
      .refine((path) => !/^([a-z]:|[/\\])/i.test(path), 'relative to the media folder'),
  }),
  reach: { by: 'file', path: (source) => source.path },
  input: (_source, { purpose, filePath }) => [
    ...(purpose === 'live' ? FRAGMENTS.fileInput : FRAGMENTS.fileStill),
    '-i',
    // With its scheme spelled out, no file name can be taken for another protocol.
    `file:${filePath}`,
  ],
  samples: {
    valid: [
      { kind: 'file', path: 'cau-cang.mp4' },
      { kind: 'file', path: 'ngay 1/đường ven biển.mkv' },
    ],
    invalid: [
      { kind: 'file', path: '' },
      { kind: 'file', path: '../secret.mp4' },
      { kind: 'file', path: 'a/../../b.mp4' },
      { kind: 'file', path: '/etc/passwd' },
      { kind: 'file', path: 'a\0.mp4' },
      { kind: 'file', path: 'C:\\video.mp4' },
    ],
  },
});
