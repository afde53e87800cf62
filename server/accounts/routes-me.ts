import { z } from 'zod';
import { PasswordChange } from '../../core/api/auth.ts';
import {
  FactorAdded,
  PasskeyQuestion,
  PasskeyRegister,
  RecoveryCodes,
  Security,
  SessionList,
  TermsAcceptance,
  TotpConfirm,
  TotpEnrolment,
} from '../../core/api/sign-in.ts';
import { AppError } from '../../core/errors.ts';
import { type Route, route } from '../http/index.ts';
import { placeOf } from './cookies.ts';
import type { OwnAccount } from './own-account.ts';
import type { SignInPolicy } from './policy.ts';
import type { Sessions } from './sessions.ts';
import type { Passkeys } from './sign-in/passkeys.ts';
import type { SecondFactors } from './sign-in/second-factors.ts';

const Id = z.object({ id: z.string().min(1).max(1024) });
const tag = 'me';
const access = 'authenticated';

/** One's own account: password, second factors, sessions. */
export function meRoutes(options: {
  account: OwnAccount;
  sessions: Sessions;
  factors: SecondFactors;
  passkeys: Passkeys;
  policy: SignInPolicy;
}): Route[] {
  const { account, sessions, factors, passkeys, policy } = options;
  return [
    route({
      method: 'post',
      path: '/me/password',
      audit: ['account.password', 'signin.failure', 'session.end'],
      summary: 'Change my password; my other sessions end',
      tag,
      access,
      evenIf: ['password'],
      body: PasswordChange,
      response: null,
      handler: ({ caller, body }) => account.changePassword(caller, body.current, body.next),
    }),
    route({
      method: 'post',
      path: '/me/terms',
      audit: 'account.terms',
      summary: 'Accept the terms of security in this version',
      tag,
      access,
      evenIf: ['terms'],
      body: TermsAcceptance,
      response: null,
      handler: ({ caller, body }) => account.acceptTerms(caller, body.version),
    }),
    route({
      method: 'get',
      path: '/me/security',
      summary: 'How my account is guarded: second factors, passkeys, age of the password',
      tag,
      access,
      evenIf: ['enrolment', 'second_factor', 'password'],
      response: Security,
      handler: ({ caller, req }) => account.security(caller, placeOf(req, policy)),
    }),
    route({
      method: 'post',
      path: '/me/totp/options',
      summary: 'A new secret for an authenticator app; nothing changes until its first code comes back',
      tag,
      access,
      evenIf: ['enrolment'],
      stepUp: true,
      response: TotpEnrolment,
      handler: async ({ caller }) => factors.askForTotp({ id: caller.userId, username: caller.username }),
    }),
    route({
      method: 'post',
      path: '/me/totp',
      audit: 'account.factor_add',
      summary: 'Add the authenticator app that shows this code; an earlier one is replaced',
      tag,
      access,
      evenIf: ['enrolment'],
      stepUp: true,
      body: TotpConfirm,
      response: FactorAdded,
      handler: ({ caller, body }) => account.addTotp(caller, body.ticket, body.code),
    }),
    route({
      method: 'delete',
      path: '/me/totp',
      audit: 'account.factor_remove',
      summary: 'Remove my authenticator app',
      tag,
      access,
      stepUp: true,
      response: null,
      handler: ({ caller }) => account.removeTotp(caller),
    }),
    route({
      method: 'post',
      path: '/me/passkeys/options',
      summary: 'What a browser is asked to make a passkey with',
      tag,
      access,
      evenIf: ['enrolment'],
      stepUp: true,
      response: PasskeyQuestion,
      handler: ({ caller, req }) =>
        passkeys.askToRegister({ ...caller, id: caller.userId }, placeOf(req, policy)),
    }),
    route({
      method: 'post',
      path: '/me/passkeys',
      audit: 'account.factor_add',
      summary: 'Add a passkey',
      tag,
      access,
      evenIf: ['enrolment'],
      stepUp: true,
      body: PasskeyRegister,
      response: FactorAdded,
      handler: ({ caller, body, req }) => account.addPasskey(caller, body, placeOf(req, policy)),
    }),
    route({
      method: 'delete',
      path: '/me/passkeys/:id',
      audit: 'account.factor_remove',
      summary: 'Remove one of my passkeys',
      tag,
      access,
      stepUp: true,
      params: Id,
      response: null,
      handler: ({ caller, params }) => account.removePasskey(caller, params.id),
    }),
    route({
      method: 'post',
      path: '/me/recovery-codes',
      audit: 'account.recovery_codes',
      summary: 'New recovery codes, shown this once; the old ones are worth nothing from now on',
      tag,
      access,
      stepUp: true,
      response: RecoveryCodes,
      handler: ({ caller }) => account.newRecoveryCodes(caller),
    }),
    route({
      method: 'delete',
      path: '/me/identities/:id',
      audit: 'account.identity_unlink',
      summary: 'Take away the sign-in with an account elsewhere; the id is its issuer',
      tag,
      access,
      stepUp: true,
      params: Id,
      response: null,
      handler: ({ caller, params }) => account.unlinkIdentity(caller, params.id),
    }),
    route({
      method: 'get',
      path: '/me/sessions',
      summary: 'Where I am signed in',
      tag,
      access,
      response: SessionList,
      handler: ({ caller }) => account.sessions(caller),
    }),
    route({
      method: 'delete',
      path: '/me/sessions',
      audit: 'session.end',
      summary: 'End all my sessions but this one',
      tag,
      access,
      response: null,
      handler: ({ caller }) => sessions.endOthers(caller),
    }),
    route({
      method: 'delete',
      path: '/me/sessions/:id',
      audit: 'session.end',
      summary: 'End one of my sessions',
      tag,
      access,
      params: Id,
      response: null,
      async handler({ caller, params }) {
        if (!(await sessions.end(caller.userId, params.id, 'ended by the user', caller)))
          throw new AppError('request.not_found');
      },
    }),
  ];
}
