import { z } from 'zod';
import { FRAGMENTS } from '../ffmpeg/args.ts';
import { SCENE_NAMES, sceneGraph } from '../scenes/scenes.ts';
import { defineSource } from '../source-kind.ts';

/** A drawn, moving scene that says on its face that it is one: for demonstrations and for tests. */
export default defineSource({
  kind: 'test-pattern',
  schema: z.object({
    kind: z.literal('test-pattern'),
    scene: z
      .string()
      .refine((scene) => SCENE_NAMES.includes(scene), `one of ${SCENE_NAMES.join(', ')}`)
      .default('road'),
  }),
  reach: { by: 'drawing' },
  input: (source, { purpose, name, nowMs, utcOffsetMin, fontFile }) => [
    ...(purpose === 'live' ? FRAGMENTS.drawnInput : FRAGMENTS.drawnStill),
    '-i',
    sceneGraph({ scene: source.scene, name, startMs: nowMs, utcOffsetMin, fontFile }),
  ],
  samples: {
    valid: SCENE_NAMES.map((scene) => ({ kind: 'test-pattern' as const, scene })),
    invalid: [
      { kind: 'test-pattern', scene: "road';movie=/etc/passwd" },
      { kind: 'test-pattern', scene: 7 },
    ],
  },
});
