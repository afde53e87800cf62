import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { PasskeyAssertion, PasskeyAttestation, PasskeyQuestion } from '../../../core/api/sign-in.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Database, Logger } from '../../../core/ports.ts';
import { countPasskey, insertPasskey, type PasskeyRow, passkeyById, passkeysOf } from '../sql/factors.ts';
import type { Envelopes } from './envelopes.ts';
import type { Within } from './second-factors.ts';

const LIFE_MS = 5 * 60_000;
const MAX_PASSKEYS = 20;

/** Where the console was opened: passkeys are bound to the host, so that no look-alike can ask for them. */
export interface WebPlace {
  /** `https://ioc.example:8443` */
  origin: string;
  /** WebAuthn RP ID; undefined = passkeys cannot be used here. */
  rpId: string | undefined;
}

const Inside = z.object({
  challenge: z.string(),
  rpId: z.string(),
  act: z.enum(['register', 'prove']),
  /** Whose answer is expected; null = whoever's key it is. */
  userId: z.string().nullable(),
  mustVerify: z.boolean(),
});

export interface Passkeys {
  /** What the browser is asked to make a key with. Throws `request.conflict` where no key can be used. */
  askToRegister(
    user: { id: string; username: string; displayName: string },
    place: WebPlace,
  ): Promise<PasskeyQuestion>;
  /** Throws `auth.proof_invalid`, `request.conflict`. */
  register(
    userId: string,
    answer: { ticket: string; name: string; response: z.output<typeof PasskeyAttestation> },
    place: WebPlace,
    within: Within,
  ): Promise<void>;
  /** `mustVerify`: the device asks for its PIN or finger, so that the key alone proves both. */
  askToProve(
    whose: { userId: string | null; mustVerify: boolean },
    place: WebPlace,
  ): Promise<PasskeyQuestion | undefined>;
  /** Whose key signed; undefined when nothing was proved. */
  prove(
    answer: { ticket: string; response: z.output<typeof PasskeyAssertion> },
    place: WebPlace,
  ): Promise<{ userId: string; verified: boolean } | undefined>;
}

export function createPasskeys(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  envelopes: Envelopes;
  /** Shown by the browser beside the host. */
  centreName: string;
}): Passkeys {
  const { database, clock, logger, envelopes, centreName } = options;

  const question = (inside: z.output<typeof Inside>, made: object): PasskeyQuestion => ({
    ticket: envelopes.seal('passkey', inside, LIFE_MS),
    options: { ...made },
  });
  const opened = (ticket: string, act: 'register' | 'prove', { rpId }: WebPlace) => {
    const envelope = envelopes.open('passkey', Inside, ticket);
    return envelope?.value.act === act && envelope.value.rpId === rpId ? envelope : undefined;
  };

  return {
    async askToRegister({ id, username, displayName }, { rpId }) {
      if (rpId === undefined)
        throw new AppError('request.conflict', {
          detail: 'open the console by its host name to use passkeys',
        });
      const known = await passkeysOf(database, id);
      if (known.length >= MAX_PASSKEYS)
        throw new AppError('request.conflict', { detail: `an account has at most ${MAX_PASSKEYS} passkeys` });
      const made = await generateRegistrationOptions({
        rpName: centreName,
        rpID: rpId,
        userID: Buffer.from(id),
        userName: username,
        userDisplayName: displayName,
        timeout: LIFE_MS,
        attestationType: 'none',
        excludeCredentials: known.map((key) => ({ id: key.credential_id, transports: key.transports })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      });
      return question(
        { challenge: made.challenge, rpId, act: 'register', userId: id, mustVerify: false },
        made,
      );
    },

    async register(userId, { ticket, name, response }, place, within) {
      const envelope = opened(ticket, 'register', place);
      if (!envelope || envelope.value.userId !== userId) throw new AppError('auth.proof_invalid');
      const { challenge, rpId } = envelope.value;
      const result = await verifyRegistrationResponse({
        response: response as never,
        expectedChallenge: challenge,
        expectedOrigin: place.origin,
        expectedRPID: rpId,
        requireUserVerification: false,
      }).catch((error: unknown) => {
        throw new AppError('auth.proof_invalid', { cause: error });
      });
      if (!result.verified || !(await envelopes.spend(database, envelope)))
        throw new AppError('auth.proof_invalid');
      const { credential, aaguid, credentialBackedUp } = result.registrationInfo;
      const key = {
        credential_id: credential.id,
        user_id: userId,
        name,
        public_key: Buffer.from(credential.publicKey),
        sign_count: credential.counter,
        transports: credential.transports ?? [],
        aaguid,
        backed_up: credentialBackedUp,
      };
      await database.transaction(async (tx) => {
        if (!(await insertPasskey(tx, key, new Date(clock.now()))))
          throw new AppError('request.conflict', { detail: 'this passkey is registered already' });
        await within(tx);
      });
    },

    async askToProve({ userId, mustVerify }, { rpId }) {
      if (rpId === undefined) return undefined;
      const keys = userId === null ? undefined : await passkeysOf(database, userId);
      if (keys?.length === 0) return undefined;
      const made = await generateAuthenticationOptions({
        rpID: rpId,
        timeout: LIFE_MS,
        userVerification: mustVerify ? 'required' : 'preferred',
        ...(keys
          ? { allowCredentials: keys.map((key) => ({ id: key.credential_id, transports: key.transports })) }
          : {}),
      });
      return question({ challenge: made.challenge, rpId, act: 'prove', userId, mustVerify }, made);
    },

    async prove({ ticket, response }, place) {
      const envelope = opened(ticket, 'prove', place);
      const key = envelope && (await passkeyById(database, response.id));
      if (!key || (envelope.value.userId !== null && key.user_id !== envelope.value.userId)) return undefined;
      const { userHandle } = response.response;
      if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== key.user_id)
        return undefined;
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: response as never,
          expectedChallenge: envelope.value.challenge,
          expectedOrigin: place.origin,
          expectedRPID: envelope.value.rpId,
          requireUserVerification: envelope.value.mustVerify,
          credential: credentialOf(key),
        });
        if (!verified || !(await envelopes.spend(database, envelope))) return undefined;
        const isFirst = await countPasskey(database, {
          credentialId: key.credential_id,
          before: key.sign_count,
          signCount: authenticationInfo.newCounter,
          backedUp: authenticationInfo.credentialBackedUp,
          at: new Date(clock.now()),
        });
        return isFirst ? { userId: key.user_id, verified: authenticationInfo.userVerified } : undefined;
      } catch (error) {
        // Also a counter that went back, which a copied key shows.
        logger.warn({ userId: key.user_id, err: String(error) }, 'a passkey was refused');
        return undefined;
      }
    },
  };
}

function credentialOf(key: PasskeyRow) {
  return {
    id: key.credential_id,
    publicKey: new Uint8Array(key.public_key),
    counter: key.sign_count,
    transports: key.transports,
  };
}
