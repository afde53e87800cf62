import { z } from 'zod';
import { MediaFailure } from '../failure.ts';
import { FRAGMENTS } from '../ffmpeg/args.ts';
import { readCameraUrl } from '../relay/camera-url.ts';
import { defineSource } from '../source-kind.ts';

/** A network camera or recorder channel. FFmpeg sees the relay's address only. */
export default defineSource({
  kind: 'rtsp',
  schema: z.object({
    kind: z.literal('rtsp'),
    url: z
      .string()
      .max(2000)
      .superRefine((url, context) => {
        try {
          readCameraUrl(url);
        } catch (error) {
          const message = error instanceof MediaFailure ? error.detail : 'invalid';
          context.addIssue({ code: 'custom', message });
        }
      }),
  }),
  reach: { by: 'relay', url: (source) => source.url },
  input: (_source, { relayUrl }) => [...FRAGMENTS.rtspInput, ...FRAGMENTS.cameraAnalysis, '-i', relayUrl],
  samples: {
    valid: [
      { kind: 'rtsp', url: 'rtsp://192.168.10.21:554/Streaming/Channels/101' },
      { kind: 'rtsp', url: 'rtsp://camera.example/cam/realmonitor?channel=1&subtype=0' },
      { kind: 'rtsp', url: 'rtsp://[2001:db8::7]/stream1' },
    ],
    invalid: [
      { kind: 'rtsp' },
      { kind: 'rtsp', url: 'http://192.168.10.21/video' },
      { kind: 'rtsp', url: 'rtsp://admin:secret@192.168.10.21/stream1' },
      { kind: 'rtsp', url: 'rtsp://host/a b' },
      { kind: 'rtsp', url: 'rtsp://host/a\r\nX: y' },
      { kind: 'rtsp', url: 'rtsp://host:99999/a' },
      { kind: 'rtsp', url: '-i rtsp://host/a' },
      { kind: 'rtsp', url: 'concat:rtsp://host/a|/etc/passwd' },
    ],
  },
});
