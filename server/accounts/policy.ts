import { z } from 'zod';

const count = (fallback: number, min: number, max: number, meaning: string) =>
  z.coerce.number().int().min(min).max(max).default(fallback).describe(meaning);
const optionalCount = (min: number, max: number, meaning: string) =>
  z.coerce.number().int().min(min).max(max).optional().describe(meaning);
const optionalText = (meaning: string) => z.string().min(1).optional().describe(meaning);
const words = (meaning: string) =>
  z
    .preprocess(
      (value) =>
        typeof value === 'string'
          ? value
              .split(',')
              .map((part) => part.trim())
              .filter((part) => part !== '')
          : value,
      z.array(z.string().min(1)).optional(),
    )
    .describe(meaning);
const optionalFlag = (meaning: string) =>
  z
    .preprocess(
      (value) =>
        value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value,
      z.boolean().optional(),
    )
    .describe(meaning);

/** Sign-in with an account of another house (OpenID Connect); off until issuer and client are given. */
const OidcSettings = z
  .strictObject({
    issuer: z.url().optional().describe('address of the OpenID provider; unset = off'),
    clientId: optionalText('name of this centre at the provider'),
    clientSecret: optionalText('secret of this centre at the provider; unset = a public client, PKCE alone'),
    labelVi: z.string().min(1).default('Tài khoản cơ quan').describe('words on the button, Vietnamese'),
    labelEn: z.string().min(1).default('Agency account').describe('words on the button, English'),
    scopes: z.string().default('openid profile email').describe('what is asked for'),
    usernameClaim: z
      .string()
      .min(1)
      .default('preferred_username')
      .describe('claim that names the account here, at the first sign-in only; `sub` decides from then on'),
    secondFactorValues: words(
      'values of `amr` or `acr` that prove a second factor at the provider, for example mfa; unset = none does',
    ),
    redirectUrl: z
      .url()
      .optional()
      .describe('unset = /api/v1/auth/oidc/callback on the host that was called'),
  })
  .refine((oidc) => oidc.issuer === undefined || oidc.clientId !== undefined, {
    path: ['clientId'],
    message: 'is needed with an issuer',
  });

/** How people sign in. The numbers are those of TCVN 14423:2026 for security level 3 (docs/access.md). */
export const SignInSettings = z.strictObject({
  passwordLength: optionalCount(
    8,
    128,
    'least characters of a password that stands alone; unset = 14 where others reach the centre, else 12',
  ),
  passwordKinds: optionalCount(
    1,
    4,
    'kinds of characters it has: small letters, capitals, digits, others; unset = 4 where others reach the centre, else 1; a second factor makes this 1',
  ),
  passwordLengthWithSecondFactor: count(8, 8, 128, 'least characters beside a second factor'),
  passwordHistory: count(10, 0, 30, 'last passwords of an administrator that cannot come back'),
  passwordDays: count(60, 0, 3650, 'days after which an administrator changes the password; 0 = never'),
  changeIssuedPasswords: optionalFlag(
    'a password set by somebody else is changed at the first sign-in; unset = true where others reach the centre',
  ),
  idleAccountDays: count(45, 0, 3650, 'days without a sign-in after which an account is locked; 0 = never'),
  lockoutFailures: count(5, 1, 20, 'failures after which one name waits at one network'),
  lockoutMinutes: optionalCount(
    1,
    43_200,
    'how long it waits; others, and the same person elsewhere, do not; unset = 720 where others reach the centre, else 1',
  ),
  lockMinutes: optionalCount(
    0,
    1440,
    'minutes without an act after which a console locks; 0 = never; unset = 15 where others reach the centre',
  ),
  lockMinutesAdmin: optionalCount(
    0,
    1440,
    'the same for administrators; unset = 5 where others reach the centre',
  ),
  secondFactorRoles: words(
    'roles that sign in with a second factor, or all, or none; unset = admin where others reach the centre',
  ),
  acceptTerms: optionalFlag(
    'people accept config/terms.yaml at their first sign-in and when its version changes; unset = true where others reach the centre',
  ),
  stepUpMinutes: count(
    15,
    1,
    1440,
    'minutes for which a proof of identity is good for acts that ask for one',
  ),
  sessionIdleHours: count(12, 1, 168, 'hours without use after which a session ends'),
  sessionDays: count(7, 1, 90, 'days after which a session ends in any case'),
  signingKeyDays: count(90, 1, 3650, 'age at which the key of access tokens is replaced'),
  passkeyHost: optionalText(
    'host name to which passkeys are bound (WebAuthn RP ID); unset = the host that was called, when it is a name',
  ),
  oidc: OidcSettings.prefault({}),
});
export type SignInSettings = z.output<typeof SignInSettings>;

type Resolved =
  | 'passwordLength'
  | 'passwordKinds'
  | 'lockoutMinutes'
  | 'changeIssuedPasswords'
  | 'acceptTerms'
  | 'lockMinutes'
  | 'lockMinutesAdmin'
  | 'secondFactorRoles';

export interface SignInPolicy extends Omit<SignInSettings, Resolved> {
  passwordLength: number;
  passwordKinds: number;
  lockoutMinutes: number;
  changeIssuedPasswords: boolean;
  /** Version that everybody must have accepted; null = nothing is asked. */
  termsVersion: string | null;
  lockMinutes: number;
  lockMinutesAdmin: number;
  needsSecondFactor(roles: Iterable<string>): boolean;
}

/**
 * What is in force. As long as only the machine itself reaches the centre, and in a demonstration, what is unset asks
 * for less: it is being looked at or set up. Where others reach it, what is unset is what the standard asks for.
 */
export function signInPolicy(
  settings: SignInSettings,
  { reachable, termsVersion }: { reachable: boolean; termsVersion: string },
): SignInPolicy {
  const roles = new Set(settings.secondFactorRoles ?? (reachable ? ['admin'] : []));
  return {
    ...settings,
    passwordLength: settings.passwordLength ?? (reachable ? 14 : 12),
    passwordKinds: settings.passwordKinds ?? (reachable ? 4 : 1),
    lockoutMinutes: settings.lockoutMinutes ?? (reachable ? 720 : 1),
    changeIssuedPasswords: settings.changeIssuedPasswords ?? reachable,
    termsVersion: (settings.acceptTerms ?? reachable) ? termsVersion : null,
    lockMinutes: settings.lockMinutes ?? (reachable ? 15 : 0),
    lockMinutesAdmin: settings.lockMinutesAdmin ?? (reachable ? 5 : 0),
    needsSecondFactor: (held) => roles.has('all') || [...held].some((role) => roles.has(role)),
  };
}
