import { z } from 'zod';
import { PERMISSIONS } from '../permissions.ts';
import { Timestamp } from './common.ts';

/** Base64url of a browser's answer; the largest (attestations with certificate chains) stay below this. */
const Base64Url = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/);
/** One address or a network in CIDR form, IPv4 or IPv6. */
const Network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
const Ticket = z.string().min(1).max(4096).describe('what the step before handed out, unchanged');

/** A browser's answer to `navigator.credentials.get`, as WebAuthn Level 3 writes it in JSON. */
export const PasskeyAssertion = z.object({
  id: Base64Url,
  rawId: Base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  response: z.object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Base64Url.optional(),
  }),
});

/** A browser's answer to `navigator.credentials.create`. */
export const PasskeyAttestation = z.object({
  id: Base64Url,
  rawId: Base64Url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  response: z.object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    authenticatorData: Base64Url.optional(),
    transports: z.array(z.string().max(32)).max(10).optional(),
    publicKeyAlgorithm: z.number().optional(),
    publicKey: Base64Url.optional(),
  }),
});

/** What to hand to the browser, and what to send back with its answer. */
export const PasskeyQuestion = z.object({ ticket: z.string(), options: z.record(z.string(), z.unknown()) });
export type PasskeyQuestion = z.infer<typeof PasskeyQuestion>;
export const PasskeyProof = z.strictObject({ ticket: Ticket, response: PasskeyAssertion });
export type PasskeyProof = z.infer<typeof PasskeyProof>;

const Code = z.string().min(6).max(64).describe('six digits of the app, or a recovery code');

export const SECOND_FACTORS = ['totp', 'passkey', 'recovery'] as const;
/** `data` of `auth.second_factor`: the password was right, this is what else is asked for. */
export const SecondFactorWanted = z.object({
  challenge: z.string(),
  factors: z.array(z.enum(SECOND_FACTORS)),
  passkey: PasskeyQuestion.optional(),
});
export type SecondFactorWanted = z.infer<typeof SecondFactorWanted>;

export const SecondFactorRequest = z.strictObject({
  challenge: Ticket.optional().describe('absent = the one in the cookie, after a sign-in elsewhere'),
  code: Code.optional(),
  passkey: PasskeyProof.optional(),
});

const TermsText = z.object({ title: z.string(), points: z.array(z.string()) });
/** What everybody accepts before the first use: `config/terms.yaml`. */
export const Terms = z.object({ version: z.string(), vi: TermsText, en: TermsText }).meta({ id: 'Terms' });
export type Terms = z.infer<typeof Terms>;
export const TermsAcceptance = z.strictObject({ version: z.string().min(1).max(64) });

export const SignInMethods = z.object({
  passkey: z.boolean(),
  oidc: z.object({ vi: z.string(), en: z.string() }).nullable(),
});
export type SignInMethods = z.infer<typeof SignInMethods>;

export const StepUpRequest = z.strictObject({
  password: z.string().min(1).max(1024).optional(),
  code: Code.optional(),
  passkey: PasskeyProof.optional(),
});
/** How the person may prove who they are. */
export const StepUpQuestion = z.object({
  methods: z.array(z.enum(['password', 'totp', 'passkey', 'recovery'])),
  passkey: PasskeyQuestion.optional(),
});
export type StepUpQuestion = z.infer<typeof StepUpQuestion>;

export const TotpEnrolment = z.object({
  ticket: z.string(),
  secret: z.string().describe('base32, to be typed where no camera is'),
  uri: z.string().describe('otpauth: address, for the QR code'),
});
export const TotpConfirm = z.strictObject({ ticket: Ticket, code: z.string().regex(/^\d{6}$/) });
/** Shown this once. Null when the account has codes already. */
export const FactorAdded = z.object({ recoveryCodes: z.array(z.string()).nullable() });
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export const PasskeyRegister = z.strictObject({
  ticket: Ticket,
  name: z.string().trim().min(1).max(64),
  response: PasskeyAttestation,
});

const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
  backedUp: z.boolean().describe('kept by a password manager, so it outlives the device'),
});

/** How one's own account is guarded. */
export const Security = z
  .object({
    secondFactorRequired: z.boolean(),
    totp: z.object({ since: Timestamp, lastUsedAt: Timestamp.nullable() }).nullable(),
    passkeys: z.array(Passkey),
    passkeysPossible: z.boolean().describe('false when the console was opened by a bare address'),
    recoveryCodesLeft: z.number().int(),
    password: z.object({
      changedAt: Timestamp,
      changeBy: Timestamp.nullable(),
      rule: z.object({ length: z.number().int(), kinds: z.number().int() }),
    }),
    identities: z.array(
      z.object({
        issuer: z.string(),
        label: z.string(),
        linkedAt: Timestamp,
        lastUsedAt: Timestamp.nullable(),
      }),
    ),
  })
  .meta({ id: 'Security' });
export type Security = z.infer<typeof Security>;

export const Session = z
  .object({
    id: z.string(),
    current: z.boolean(),
    startedAt: Timestamp,
    lastUsedAt: Timestamp,
    activeAt: Timestamp.describe('when the person, not the console by itself, last did something'),
    expiresAt: Timestamp,
    locked: z.boolean(),
    ip: z.string(),
    userAgent: z.string(),
    method: z.enum(['password', 'passkey', 'oidc']),
    secondFactor: z.boolean(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
export const SessionList = z.object({ items: z.array(Session) });

/** A key of a machine's account, without its secret. */
export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    permissions: z.array(z.enum(PERMISSIONS)).nullable().describe('null = all that the account may do'),
    grantIds: z.array(z.number().int()).nullable().describe('null = all grants of the account'),
    networks: z.array(z.string()).nullable().describe('from where it works; null = anywhere'),
    createdAt: Timestamp,
    createdBy: z.string(),
    expiresAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    lastUsedIp: z.string().nullable(),
    revokedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;
export const ApiKeyList = z.object({ items: z.array(ApiKey) });
export const ApiKeyCreate = z.strictObject({
  name: z.string().trim().min(1).max(64),
  permissions: z.array(z.enum(PERMISSIONS)).min(1).nullable().default(null),
  grantIds: z.array(z.number().int()).min(1).max(50).nullable().default(null),
  networks: z.array(Network).min(1).max(50).nullable().default(null),
  days: z.number().int().min(1).max(366).describe('after so many days it ends by itself'),
});
/** The whole key, shown this once. */
export const ApiKeyCreated = z.object({ ...ApiKey.shape, key: z.string() });
