import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { PasskeyProof, SecondFactorWanted, StepUpQuestion } from '../../../core/api/sign-in.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError, isAppError } from '../../../core/errors.ts';
import { createGate } from '../../../core/gate.ts';
import type { Caller } from '../../../core/permissions.ts';
import type { Database } from '../../../core/ports.ts';
import type { Passwords } from '../passwords.ts';
import type { SignInPolicy } from '../policy.ts';
import type { Client, Sessions, SignedIn } from '../sessions.ts';
import type { SignInMethod } from '../sql/sessions.ts';
import { type UserRow, userById, userByName } from '../sql.ts';
import type { Envelopes } from './envelopes.ts';
import type { Facts } from './facts.ts';
import type { Attempt, Lockouts } from './lockouts.ts';
import type { Passkeys, WebPlace } from './passkeys.ts';
import { type Factors, hasFactor, type SecondFactors } from './second-factors.ts';

const CHALLENGE_MS = 5 * 60_000;
const BROWSER_MS = 180 * 86_400_000;
const DAY_MS = 86_400_000;
const TRIED_MS = 60_000;
const MAX_TRIED = 5000;
/** Two of them hash; the others look something up. */
const MAX_AT_ONCE = 3;
const MAX_WAITING = 60;
/** So many at once are no shift that begins. */
const CROWD = 25;
const CROWD_WAIT_MS = 3000;
/** Wrong proofs in one open session: whoever has it by now is not its person. */
const MAX_WRONG_PROOFS = 5;

const BrowserInside = z.object({ username: z.string(), id: z.string() });
const ChallengeInside = z.object({ userId: z.string(), method: z.enum(['password', 'oidc']) });

export interface SignInClient extends Client {
  place: WebPlace;
  /** What the browser kept of an earlier sign-in under this name. */
  browser?: string | undefined;
}

/** Somebody is in. */
export interface Admitted extends SignedIn {
  username: string;
  /** For the browser to keep: it is known under this name now. */
  browser: string;
}

interface Proof {
  password?: string | undefined;
  code?: string | undefined;
  passkey?: PasskeyProof | undefined;
}

export interface SignIn {
  /** Throws `auth.invalid`, `auth.too_many`, and `auth.second_factor` with what is wanted. */
  withPassword(
    input: { username: string; password: string; otp?: string | undefined },
    client: SignInClient,
  ): Promise<Admitted>;
  /** The second step, with the challenge of the first. */
  withSecondFactor(
    input: { challenge: string; code?: string | undefined; passkey?: PasskeyProof | undefined },
    client: SignInClient,
  ): Promise<Admitted>;
  askForPasskey(place: WebPlace): ReturnType<Passkeys['askToProve']>;
  withPasskey(proof: PasskeyProof, client: SignInClient): Promise<Admitted>;
  /** An account that was proved elsewhere; asks for the second factor if it was not proved there. */
  withIdentity(userId: string, secondFactor: boolean, client: SignInClient): Promise<Admitted>;
  askToProve(caller: Caller, place: WebPlace): Promise<StepUpQuestion>;
  /** Proves again who is there: for acts that ask for it, after a lock, for a second factor that is missing. */
  prove(caller: Caller, proof: Proof, client: SignInClient): Promise<void>;
  /** Whether the password is right, under the same limits; throws `auth.proof_invalid`. */
  checkPassword(caller: Caller, password: string): Promise<UserRow>;
}

export function createSignIn(options: {
  database: Database;
  clock: Clock;
  policy: SignInPolicy;
  passwords: Passwords;
  sessions: Sessions;
  envelopes: Envelopes;
  lockouts: Lockouts;
  factors: SecondFactors;
  passkeys: Passkeys;
  facts: Facts;
}): SignIn {
  const { database, clock, policy, passwords, sessions, envelopes, lockouts, factors, passkeys, facts } =
    options;
  /**
   * Sign-ins at once in the whole process. What they ask of the database they would take from the readings: without
   * this a thousand guesses at once kept every connection busy. Beyond the queue the answer is `auth.too_many`, at once.
   */
  const door = createGate(
    MAX_AT_ONCE,
    MAX_WAITING,
    () => new AppError('auth.too_many', { data: { retryAfterS: 2 } }),
  );
  let present = 0;
  /** Wrong proofs per open session; forgotten with the process, as access tokens nearly are. */
  const wrongProofs = new Map<string, number>();

  /** Accounts that were tried lately, by name: a storm of tries that are held off asks the database once. */
  const tried = new LRUCache<string, { account: UserRow | undefined; atMs: number }>({ max: MAX_TRIED });
  const triedAccount = async (username: string) => {
    const known = tried.get(username);
    if (known && clock.monotonic() - known.atMs < TRIED_MS) return known.account;
    const account = await userByName(database, username);
    tried.set(username, { account, atMs: clock.monotonic() });
    return account;
  };

  const sourceOf = (username: string, { ip, browser }: SignInClient) => {
    const known =
      browser === undefined ? undefined : envelopes.open('browser', BrowserInside, browser)?.value;
    return { ip, browserId: known?.username === username ? known.id : undefined };
  };

  const isUsable = (user: UserRow) => {
    const idleMs = policy.idleAccountDays * DAY_MS;
    const isIdle = policy.idleAccountDays > 0 && clock.now() - user.last_used_at.getTime() >= idleMs;
    return user.status === 'active' && user.password_hash !== null && !isIdle;
  };

  const admit = async (
    user: UserRow,
    proof: { method: SignInMethod; secondFactor: boolean; how: string },
    client: SignInClient,
  ): Promise<Admitted> => {
    const signedIn = await sessions.open(user.id, proof, client, (tx, sessionId) =>
      facts.signedIn(tx, user, proof.how, sessionId, client),
    );
    const { browserId } = sourceOf(user.username, client);
    const id = browserId ?? randomBytes(12).toString('base64url');
    return {
      ...signedIn,
      username: user.username,
      browser: envelopes.seal('browser', { username: user.username, id }, BROWSER_MS),
    };
  };

  const wanted = async (
    user: UserRow,
    method: 'password' | 'oidc',
    held: Factors,
    place: WebPlace,
  ): Promise<SecondFactorWanted> => {
    const question =
      held.passkeys.length > 0
        ? await passkeys.askToProve({ userId: user.id, mustVerify: false }, place)
        : undefined;
    return {
      challenge: envelopes.seal('second-factor', { userId: user.id, method }, CHALLENGE_MS),
      factors: [
        ...(held.totp ? (['totp'] as const) : []),
        ...(question ? (['passkey'] as const) : []),
        ...(held.recoveryCodesLeft > 0 ? (['recovery'] as const) : []),
      ],
      ...(question ? { passkey: question } : {}),
    };
  };

  /** Runs `work` as one counted try; whatever goes wrong on our side counts for nobody. */
  const counted = async <T>(
    username: string,
    client: SignInClient,
    work: () => Promise<T | undefined>,
    wrong: () => AppError,
  ): Promise<T> => {
    present++;
    try {
      return await door.run(() => oneTry(username, client, work, wrong));
    } catch (error) {
      // In a crowd refusals take their time: who asks again at once would keep the whole process busy refusing.
      if (isAppError(error, 'auth.too_many') && present > CROWD)
        await new Promise<void>((resolve) => clock.after(CROWD_WAIT_MS, resolve));
      throw error;
    } finally {
      present--;
    }
  };

  const oneTry = async <T>(
    username: string,
    client: SignInClient,
    work: () => Promise<T | undefined>,
    wrong: () => AppError,
  ): Promise<T> => {
    let attempt: Attempt;
    try {
      attempt = await lockouts.begin(username, sourceOf(username, client));
    } catch (error) {
      if (isAppError(error, 'auth.too_many'))
        await facts.note({ kind: 'held_off', account: await triedAccount(username) }, client);
      throw error;
    }
    let result: T | undefined;
    try {
      result = await work();
    } catch (error) {
      await attempt.end(isAppError(error, 'auth.second_factor') ? 'so far' : 'unknown');
      throw error;
    }
    await attempt.end(result === undefined ? 'wrong' : 'right');
    if (result !== undefined) return result;
    await facts.note({ kind: 'refused', account: await triedAccount(username) }, client);
    throw wrong();
  };

  /** How the second factor was proved, or undefined. */
  const proveFactor = async (
    userId: string,
    proof: { code?: string | undefined; passkey?: PasskeyProof | undefined },
    place: WebPlace,
  ): Promise<'totp' | 'recovery' | 'passkey' | undefined> => {
    if (proof.passkey) {
      const proved = await passkeys.prove(proof.passkey, place);
      return proved?.userId === userId ? 'passkey' : undefined;
    }
    return proof.code === undefined ? undefined : factors.take(userId, proof.code);
  };

  const noteWrongProof = async (caller: Caller): Promise<never> => {
    const { ip = '', requestId = '' } = caller.origin ?? {};
    await facts.note({ kind: 'not_proved', caller }, { ip, requestId, userAgent: '' });
    const count = (wrongProofs.get(caller.sessionId) ?? 0) + 1;
    wrongProofs.set(caller.sessionId, count);
    if (wrongProofs.size > 10_000) wrongProofs.clear();
    if (count >= MAX_WRONG_PROOFS) {
      wrongProofs.delete(caller.sessionId);
      await sessions.end(caller.userId, caller.sessionId, 'too many wrong proofs', caller);
    }
    throw new AppError('auth.proof_invalid');
  };

  const checkPassword = async (caller: Caller, password: string): Promise<UserRow> => {
    const user = await userById(database, caller.userId);
    const matches = await passwords.verify(user?.password_hash ?? undefined, password);
    if (!user || !matches) return noteWrongProof(caller);
    wrongProofs.delete(caller.sessionId);
    return user;
  };

  return {
    checkPassword,

    async withPassword({ username: rawName, password, otp }, client) {
      const username = rawName.trim().toLowerCase();
      const found = await counted(
        username,
        client,
        async () => {
          const user = await userByName(database, username);
          const matches = await passwords.verify(user?.password_hash ?? undefined, password);
          if (!user || !matches || !isUsable(user)) return undefined;
          const held = await factors.of(user.id);
          if (!hasFactor(held)) return { user, factor: undefined };
          if (otp === undefined)
            throw new AppError('auth.second_factor', {
              data: await wanted(user, 'password', held, client.place),
            });
          const factor = await factors.take(user.id, otp);
          return factor && { user, factor };
        },
        () => new AppError('auth.invalid'),
      );
      const how = found.factor ? `password, ${found.factor}` : 'password';
      return admit(found.user, { method: 'password', secondFactor: found.factor !== undefined, how }, client);
    },

    async withSecondFactor({ challenge, ...proof }, client) {
      const envelope = envelopes.open('second-factor', ChallengeInside, challenge);
      if (!envelope) throw new AppError('auth.expired');
      const user = await userById(database, envelope.value.userId);
      if (!user || !isUsable(user)) throw new AppError('auth.expired');
      const { method } = envelope.value;
      const factor = await counted(
        user.username,
        client,
        () => proveFactor(user.id, proof, client.place),
        () => new AppError('auth.code_invalid'),
      );
      if (!(await envelopes.spend(database, envelope))) throw new AppError('auth.expired');
      return admit(user, { method, secondFactor: true, how: `${method}, ${factor}` }, client);
    },

    askForPasskey: (place) => passkeys.askToProve({ userId: null, mustVerify: true }, place),

    async withPasskey(proof, client) {
      const proved = await door.run(() => passkeys.prove(proof, client.place));
      const user = proved?.verified ? await userById(database, proved.userId) : undefined;
      if (!user || !isUsable(user)) {
        await facts.note({ kind: 'refused', account: user }, client);
        throw new AppError('auth.invalid');
      }
      return admit(user, { method: 'passkey', secondFactor: true, how: 'passkey' }, client);
    },

    async withIdentity(userId, secondFactor, client) {
      const user = await userById(database, userId);
      if (!user || !isUsable(user)) throw new AppError('auth.no_account');
      const held = await factors.of(user.id);
      if (!secondFactor && hasFactor(held))
        throw new AppError('auth.second_factor', { data: await wanted(user, 'oidc', held, client.place) });
      return admit(user, { method: 'oidc', secondFactor, how: 'oidc' }, client);
    },

    async askToProve(caller, place) {
      const held = await factors.of(caller.userId);
      const question =
        held.passkeys.length > 0
          ? await passkeys.askToProve({ userId: caller.userId, mustVerify: true }, place)
          : undefined;
      const passwordIsEnough = caller.needs === 'unlock' || (caller.needs === undefined && !hasFactor(held));
      return {
        methods: [
          ...(passwordIsEnough ? (['password'] as const) : []),
          ...(held.totp ? (['totp'] as const) : []),
          ...(question ? (['passkey'] as const) : []),
          ...(held.recoveryCodesLeft > 0 && caller.needs !== 'unlock' ? (['recovery'] as const) : []),
        ],
        ...(question ? { passkey: question } : {}),
      };
    },

    async prove(caller, { password, code, passkey }, client) {
      const held = await factors.of(caller.userId);
      if (password !== undefined) {
        // Beside a second factor a password alone proves little; it does open the screen of a session that has it.
        const isEnough = caller.needs === 'unlock' || (caller.needs === undefined && !hasFactor(held));
        if (!isEnough) return noteWrongProof(caller);
        await checkPassword(caller, password);
        await sessions.proved(caller.sessionId, { secondFactor: false });
        await facts.note({ kind: 'proved', caller, how: 'password' }, client);
        return;
      }
      const factor = await proveFactor(caller.userId, { code, passkey }, client.place);
      if (!factor) return noteWrongProof(caller);
      wrongProofs.delete(caller.sessionId);
      await sessions.proved(caller.sessionId, { secondFactor: true });
      await facts.note({ kind: 'proved', caller, how: factor }, client);
    },
  };
}
