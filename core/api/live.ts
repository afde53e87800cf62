import { z } from 'zod';
import { LIVE_TOPICS } from '../events.ts';

/** Client → server, after the hello frame. Sending it again replaces the subscription. */
export const Subscribe = z.object({
  type: z.literal('subscribe'),
  topics: z.array(z.enum(LIVE_TOPICS)).min(1),
  bbox: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .optional()
    .describe('limits `latest` and `units`'),
  resumeFrom: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('last alert sequence seen; later ones are sent from the database'),
});

/** `data` of each topic's events, by what happened. */
export type LiveFrame =
  | { type: 'hello'; serverStartId: string; seq: number }
  | { type: 'event'; topic: (typeof LIVE_TOPICS)[number]; event: string; seq: number; data: unknown }
  /** So many intermediate values were folded into the latest because this client reads slowly. */
  | { type: 'folded'; topic: (typeof LIVE_TOPICS)[number]; count: number }
  | { type: 'error'; code: string; detail: string };
