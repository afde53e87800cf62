import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Database, SecretStore, Tx } from '../../../core/ports.ts';
import {
  deletePasskey,
  deletePasskeys,
  deleteRecoveryCodes,
  deleteTotp,
  type PasskeyRow,
  passkeysOf,
  putRecoveryCodes,
  putTotp,
  recoveryCodesLeft,
  type TotpRow,
  takeRecoveryCode,
  takeTotpStep,
  totpOf,
} from '../sql/factors.ts';
import type { Envelopes } from './envelopes.ts';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';
import { newTotpSecret, TOTP_CODE, totpStep, totpUri } from './totp.ts';

const ENROL_MS = 15 * 60_000;
/**
 * Wrong six-digit codes of one account from anywhere: twenty at once, then three an hour. Only somebody who has the
 * password gets this far, and three of a million are right at any time.
 */
const CODE_BURST = 20;
const CODE_REFILL_MS = 20 * 60_000;
const MAX_ACCOUNTS = 10_000;

const TotpInside = z.object({ userId: z.string(), secret: z.string() });
const secretName = (userId: string, factorId: string) => `totp/${userId}/${factorId}`;

export interface Factors {
  totp: TotpRow | undefined;
  passkeys: PasskeyRow[];
  recoveryCodesLeft: number;
}

export const hasFactor = ({ totp, passkeys }: Factors) => totp !== undefined || passkeys.length > 0;

/** What belongs to a change, the audit trail's entry above all: runs last in its transaction. */
export type Within = (tx: Tx) => Promise<void>;

export interface SecondFactors {
  of(userId: string): Promise<Factors>;
  askForTotp(user: { id: string; username: string }): { ticket: string; secret: string; uri: string };
  /** The app shows the right code: from now on it is asked for. Throws `auth.code_invalid`. */
  addTotp(userId: string, ticket: string, code: string, within: Within): Promise<void>;
  /** Which kind a code was, if it was right; throws `auth.too_many`. A right one is used up. */
  take(userId: string, code: string): Promise<'totp' | 'recovery' | undefined>;
  /** Codes for an account that has none left; null when there are some. */
  firstRecoveryCodes(userId: string): Promise<string[] | null>;
  /** New codes; the old ones are worth nothing from now on. */
  newRecoveryCodes(userId: string, within: Within): Promise<string[]>;
  removeTotp(userId: string, within: Within): Promise<boolean>;
  removePasskey(userId: string, credentialId: string, within: Within): Promise<boolean>;
  /** Everything, for somebody who has lost everything. */
  removeAll(userId: string, within: Within): Promise<void>;
}

export function createSecondFactors(options: {
  database: Database;
  clock: Clock;
  secrets: SecretStore;
  envelopes: Envelopes;
  centreName: string;
}): SecondFactors {
  const { database, clock, secrets, envelopes, centreName } = options;
  const tries = new LRUCache<string, { tokens: number; atMs: number }>({ max: MAX_ACCOUNTS });
  const now = () => new Date(clock.now());

  const takeTry = (userId: string) => {
    const nowMs = clock.monotonic();
    const bucket = tries.get(userId) ?? { tokens: CODE_BURST, atMs: nowMs };
    const tokens = Math.min(CODE_BURST, bucket.tokens + (nowMs - bucket.atMs) / CODE_REFILL_MS);
    if (tokens < 1) {
      const retryAfterS = Math.ceil(((1 - tokens) * CODE_REFILL_MS) / 1000);
      throw new AppError('auth.too_many', { data: { retryAfterS } });
    }
    tries.set(userId, { tokens: tokens - 1, atMs: nowMs });
    return () => {
      const left = tries.get(userId);
      if (left) left.tokens = Math.min(CODE_BURST, left.tokens + 1);
    };
  };

  const takeTotp = async (userId: string, code: string): Promise<boolean> => {
    const factor = await totpOf(database, userId);
    if (!factor) return false;
    const giveBack = takeTry(userId);
    const secret = await secrets.get(secretName(userId, factor.factor_id));
    const step = secret === undefined ? undefined : totpStep(secret, code, clock.now(), factor.last_step);
    if (step === undefined || !(await takeTotpStep(database, userId, step, now()))) return false;
    giveBack();
    return true;
  };

  const makeRecoveryCodes = async (userId: string, within?: Within) => {
    const codes = newRecoveryCodes();
    const hashes = codes.map((code) => recoveryHash(code)).filter((hash) => hash !== undefined);
    await database.transaction(async (tx) => {
      await putRecoveryCodes(tx, userId, hashes, now());
      await within?.(tx);
    });
    return codes;
  };

  return {
    async of(userId) {
      const [totp, passkeys, left] = await Promise.all([
        totpOf(database, userId),
        passkeysOf(database, userId),
        recoveryCodesLeft(database, userId),
      ]);
      return { totp, passkeys, recoveryCodesLeft: left };
    },

    askForTotp({ id, username }) {
      const secret = newTotpSecret();
      const ticket = envelopes.seal('totp', { userId: id, secret }, ENROL_MS);
      return { ticket, secret, uri: totpUri(centreName, username, secret) };
    },

    async addTotp(userId, ticket, code, within) {
      const envelope = envelopes.open('totp', TotpInside, ticket);
      const step =
        envelope?.value.userId === userId
          ? totpStep(envelope.value.secret, code, clock.now(), -1)
          : undefined;
      if (!envelope || step === undefined || !(await envelopes.spend(database, envelope)))
        throw new AppError('auth.code_invalid');
      const before = await totpOf(database, userId);
      const factorId = randomUUID();
      const { secret } = envelope.value;
      await database.transaction(async (tx) => {
        await secrets.set(secretName(userId, factorId), secret, tx);
        await putTotp(tx, userId, factorId, step, now());
        if (before) await secrets.delete(secretName(userId, before.factor_id), tx);
        await within(tx);
      });
    },

    async take(userId, code) {
      const bare = code.replace(/\s/g, '');
      if (TOTP_CODE.test(bare)) return (await takeTotp(userId, bare)) ? 'totp' : undefined;
      const hash = recoveryHash(code);
      if (!hash) return undefined;
      return (await takeRecoveryCode(database, userId, hash, now())) ? 'recovery' : undefined;
    },

    async firstRecoveryCodes(userId) {
      return (await recoveryCodesLeft(database, userId)) > 0 ? null : makeRecoveryCodes(userId);
    },
    newRecoveryCodes: makeRecoveryCodes,

    removeTotp: (userId, within) =>
      database.transaction(async (tx) => {
        const factorId = await deleteTotp(tx, userId);
        if (factorId === undefined) return false;
        await secrets.delete(secretName(userId, factorId), tx);
        await within(tx);
        return true;
      }),
    removePasskey: (userId, credentialId, within) =>
      database.transaction(async (tx) => {
        if (!(await deletePasskey(tx, userId, credentialId))) return false;
        await within(tx);
        return true;
      }),

    removeAll: (userId, within) =>
      database.transaction(async (tx) => {
        await deletePasskeys(tx, userId);
        await deleteRecoveryCodes(tx, userId);
        const factorId = await deleteTotp(tx, userId);
        if (factorId !== undefined) await secrets.delete(secretName(userId, factorId), tx);
        await within(tx);
      }),
  };
}
