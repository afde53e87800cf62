import type { Request, Response } from 'express';
import { LoginRequest, TokenResponse } from '../../core/api/auth.ts';
import {
  PasskeyProof,
  PasskeyQuestion,
  SecondFactorRequest,
  SecondFactorWanted,
  SignInMethods,
  StepUpQuestion,
  StepUpRequest,
  Terms,
} from '../../core/api/sign-in.ts';
import { AppError, isAppError } from '../../core/errors.ts';
import { API_PREFIX, type Route, route } from '../http/index.ts';
import {
  browserCookie,
  challengeCookie,
  clearCookie,
  cookieOf,
  oidcCookie,
  placeOf,
  refreshCookie,
  refuseForeignOrigin,
  requireOwnPage,
  setCookie,
} from './cookies.ts';
import type { SignInPolicy } from './policy.ts';
import type { Sessions, SignedIn } from './sessions.ts';
import type { Oidc } from './sign-in/oidc.ts';
import type { Admitted, SignIn, SignInClient } from './sign-in/sign-in.ts';

/** Where a request comes from, before anybody is known. */
const originOf = (req: Request) => ({
  ip: req.ip ?? '',
  requestId: String(req.res?.locals.requestId ?? ''),
});

/** From nobody to somebody, and proving it again. */
export function signInRoutes(options: {
  sessions: Sessions;
  signIn: SignIn;
  policy: SignInPolicy;
  oidc: Oidc | undefined;
  terms: Terms;
}): Route[] {
  const { sessions, signIn, policy, oidc, terms } = options;
  const oidcLabel = oidc ? { vi: policy.oidc.labelVi, en: policy.oidc.labelEn } : null;
  const refresh = refreshCookie(sessions.idleMs);

  const clientOf = (req: Request, username?: string): SignInClient => ({
    ip: req.ip ?? '',
    userAgent: req.headers['user-agent'] ?? '',
    requestId: originOf(req).requestId,
    place: placeOf(req, policy),
    browser: username === undefined ? undefined : cookieOf(req, browserCookie(username.trim().toLowerCase())),
  });
  const answer = (req: Request, res: Response, { refreshToken, accessToken, expiresIn }: SignedIn) => {
    setCookie(req, res, refresh, refreshToken);
    return { accessToken, expiresIn };
  };
  const welcome = (req: Request, res: Response, admitted: Admitted) => {
    setCookie(req, res, browserCookie(admitted.username), admitted.browser);
    clearCookie(req, res, challengeCookie);
    return answer(req, res, admitted);
  };

  const redirectUrl = (req: Request) =>
    policy.oidc.redirectUrl ?? `${placeOf(req, policy).origin}${API_PREFIX}/auth/oidc/callback`;

  return [
    route({
      method: 'get',
      path: '/auth/methods',
      summary: 'Ways to sign in beside name and password',
      tag: 'auth',
      access: 'public',
      response: SignInMethods,
      handler: async ({ req }) => ({ passkey: placeOf(req, policy).rpId !== undefined, oidc: oidcLabel }),
    }),
    route({
      method: 'post',
      path: '/auth/login',
      audit: ['signin.success', 'signin.failure', 'signin.throttled'],
      summary:
        'Sign in; the refresh token comes as an HttpOnly cookie. `auth.second_factor`: the password was right, `data` says what else is wanted',
      tag: 'auth',
      access: 'public',
      body: LoginRequest,
      response: TokenResponse,
      async handler({ body, req, res }) {
        refuseForeignOrigin(req);
        return welcome(req, res, await signIn.withPassword(body, clientOf(req, body.username)));
      },
    }),
    route({
      method: 'post',
      path: '/auth/second-factor',
      audit: ['signin.success', 'signin.failure', 'signin.throttled'],
      summary: 'The second step of a sign-in: a code, a recovery code or a passkey',
      tag: 'auth',
      access: 'public',
      body: SecondFactorRequest,
      response: TokenResponse,
      async handler({ body, req, res }) {
        refuseForeignOrigin(req);
        const challenge = body.challenge ?? cookieOf(req, challengeCookie);
        if (challenge === undefined) throw new AppError('auth.expired');
        return welcome(req, res, await signIn.withSecondFactor({ ...body, challenge }, clientOf(req)));
      },
    }),
    route({
      method: 'post',
      path: '/auth/passkey/options',
      summary: 'What a browser is asked for a sign-in by passkey',
      tag: 'auth',
      access: 'public',
      response: PasskeyQuestion,
      async handler({ req }) {
        refuseForeignOrigin(req);
        const question = await signIn.askForPasskey(placeOf(req, policy));
        if (!question)
          throw new AppError('request.conflict', {
            detail: 'open the console by its host name to use passkeys',
          });
        return question;
      },
    }),
    route({
      method: 'post',
      path: '/auth/passkey',
      audit: ['signin.success', 'signin.failure', 'signin.throttled'],
      summary: 'Sign in by passkey, without name or password',
      tag: 'auth',
      access: 'public',
      body: PasskeyProof,
      response: TokenResponse,
      async handler({ body, req, res }) {
        refuseForeignOrigin(req);
        return welcome(req, res, await signIn.withPasskey(body, clientOf(req)));
      },
    }),
    route({
      method: 'get',
      path: '/auth/oidc/start',
      summary: 'To the sign-in page of the other house',
      tag: 'auth',
      access: 'public',
      response: null,
      async handler({ req, res }) {
        if (!oidc) throw new AppError('request.not_found');
        const { url, cookie } = await oidc.begin(redirectUrl(req));
        setCookie(req, res, oidcCookie, cookie);
        res.redirect(303, url);
      },
    }),
    route({
      method: 'get',
      path: '/auth/oidc/callback',
      audit: 'signin.success',
      summary: 'Back from the sign-in page of the other house; goes on to the console',
      tag: 'auth',
      access: 'public',
      response: null,
      async handler({ req, res }) {
        if (!oidc) throw new AppError('request.not_found');
        const cookie = cookieOf(req, oidcCookie);
        clearCookie(req, res, oidcCookie);
        try {
          const url = new URL(req.originalUrl, 'http://localhost');
          const { userId, secondFactor } = await oidc.finish({ url, cookie }, redirectUrl(req));
          welcome(req, res, await signIn.withIdentity(userId, secondFactor, clientOf(req)));
          res.redirect(303, '/?signin=done');
        } catch (error) {
          if (!isAppError(error)) throw error;
          const wanted = SecondFactorWanted.safeParse(error.data);
          if (error.code === 'auth.second_factor' && wanted.success) {
            setCookie(req, res, challengeCookie, wanted.data.challenge);
            res.redirect(303, `/?signin=second_factor&factors=${wanted.data.factors.join(',')}`);
          } else res.redirect(303, `/?signin=${encodeURIComponent(error.code)}`);
        }
      },
    }),
    route({
      method: 'get',
      path: '/auth/terms',
      summary: 'The terms of security that people accept before the first use',
      tag: 'auth',
      access: 'public',
      response: Terms,
      handler: async () => terms,
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      audit: 'session.reuse',
      summary: 'Trade the refresh cookie for a new access token; each cookie works once',
      tag: 'auth',
      access: 'public',
      response: TokenResponse,
      async handler({ req, res }) {
        requireOwnPage(req);
        const token = cookieOf(req, refresh);
        if (token === undefined) throw new AppError('auth.required');
        try {
          return answer(req, res, await sessions.refresh(token, originOf(req)));
        } catch (error) {
          if (isAppError(error) && error.status === 401) clearCookie(req, res, refresh);
          throw error;
        }
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      audit: 'session.end',
      summary: 'Close the session of the refresh cookie and of the bearer token',
      tag: 'auth',
      access: 'public',
      response: null,
      async handler({ req, res }) {
        requireOwnPage(req);
        const bearer = req.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
        // An access token that has ended is no reason not to sign out.
        const caller =
          bearer === undefined ? undefined : await sessions.authenticate(bearer).catch(() => undefined);
        await sessions.logout(cookieOf(req, refresh), caller?.sessionId, originOf(req));
        clearCookie(req, res, refresh);
      },
    }),
    route({
      method: 'post',
      path: '/auth/step-up/options',
      summary: 'How I may prove again who I am',
      tag: 'auth',
      access: 'authenticated',
      evenIf: ['unlock', 'second_factor'],
      response: StepUpQuestion,
      handler: ({ caller, req }) => signIn.askToProve(caller, placeOf(req, policy)),
    }),
    route({
      method: 'post',
      path: '/auth/step-up',
      audit: ['signin.step_up', 'signin.failure', 'session.end'],
      summary: 'Prove again who I am: before sensitive acts, after a lock, for a missing second factor',
      tag: 'auth',
      access: 'authenticated',
      evenIf: ['unlock', 'second_factor'],
      body: StepUpRequest,
      response: null,
      handler: ({ caller, body, req }) => signIn.prove(caller, body, clientOf(req)),
    }),
    route({
      method: 'post',
      path: '/auth/lock',
      audit: 'session.lock',
      summary: 'Lock my session now',
      tag: 'auth',
      access: 'authenticated',
      response: null,
      handler: ({ caller }) => sessions.lock(caller),
    }),
    route({
      method: 'post',
      path: '/auth/active',
      summary: 'I am still here: the console says so when somebody touches it and nothing else was asked for',
      tag: 'auth',
      access: 'authenticated',
      response: null,
      handler: async () => undefined,
    }),
  ];
}
