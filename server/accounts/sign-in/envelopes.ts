import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import type { Queryable, SecretStore } from '../../../core/ports.ts';
import { openSealed, seal } from '../../secrets/index.ts';
import { forgetEnvelopes, spendEnvelope } from '../sql/sign-in.ts';

const SECRET_NAME = 'auth/envelope-key';
const KEY_BYTES = 32;
/** Longer ones were not made here. */
const MAX_CHARS = 4096;

const Inside = z.object({ nonce: z.string(), untilMs: z.number(), value: z.unknown() });

/** What an envelope is for; one made for a purpose opens for no other. */
type Purpose = 'second-factor' | 'passkey' | 'totp' | 'oidc' | 'browser';

interface Opened<T> {
  value: T;
  nonce: string;
  untilMs: number;
}

/**
 * What the server must remember between two steps of a sign-in, sealed and handed to the client: an attacker who
 * begins a million of them fills no memory and no table. Only those that were used are remembered.
 */
export interface Envelopes {
  seal(purpose: Purpose, value: object, lifeMs: number): string;
  /** Undefined when it is not ours, not for this, or too old. */
  open<S extends z.ZodType>(purpose: Purpose, schema: S, text: string): Opened<z.output<S>> | undefined;
  /** True for the first who uses it. */
  spend(db: Queryable, envelope: Opened<unknown>): Promise<boolean>;
  forgetOld(db: Queryable): Promise<void>;
}

export async function createEnvelopes(options: { secrets: SecretStore; clock: Clock }): Promise<Envelopes> {
  const { secrets, clock } = options;
  const stored = await secrets.update(
    SECRET_NAME,
    (known) => known ?? randomBytes(KEY_BYTES).toString('hex'),
  );
  const key = Buffer.from(stored, 'hex');
  return {
    seal(purpose, value, lifeMs) {
      const nonce = randomBytes(12).toString('base64url');
      const inside = JSON.stringify({ nonce, untilMs: clock.now() + lifeMs, value });
      return seal(key, `envelope/${purpose}`, inside).toString('base64url');
    },
    open(purpose, schema, text) {
      if (text.length > MAX_CHARS) return undefined;
      try {
        const sealed = Buffer.from(text, 'base64url');
        const inside = Inside.parse(JSON.parse(openSealed(key, `envelope/${purpose}`, sealed)));
        if (inside.untilMs <= clock.now()) return undefined;
        return { value: schema.parse(inside.value), nonce: inside.nonce, untilMs: inside.untilMs };
      } catch {
        // Made up, cut off, of another purpose or of another key: all the same to whoever sent it.
        return undefined;
      }
    },
    spend: (db, { nonce, untilMs }) => spendEnvelope(db, nonce, new Date(untilMs)),
    forgetOld: (db) => forgetEnvelopes(db, new Date(clock.now())),
  };
}
