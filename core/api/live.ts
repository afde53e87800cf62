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

/** Answer of `POST /live/ticket`: opens one `WS /live?ticket=`, within half a minute. */
export const LiveTicket = z.object({ ticket: z.string(), expiresIn: z.number().int() });

/**
 * Server → client. `data` of an event is what `EventMap` in `core/events.ts` says under its name. `seq` is the last
 * alert sequence that this connection has been given.
 */
export type LiveFrame =
  | { type: 'hello'; serverStartId: string; seq: number }
  | { type: 'event'; topic: (typeof LIVE_TOPICS)[number]; event: string; seq: number; data: unknown }
  /** So many intermediate values were folded into the latest because this client reads slowly. */
  /** What was asked for cannot be resumed: load the topic anew, then go on from `seq`. */
  | { type: 'reset'; topic: 'alerts'; seq: number }
  /** Nothing happened for a second, and the line is up. */
  | { type: 'beat'; seq: number }
  | { type: 'folded'; topic: (typeof LIVE_TOPICS)[number]; count: number }
  | { type: 'error'; code: string; detail: string };
