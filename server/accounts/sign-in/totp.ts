import { generateSecret, generateURI, verifySync } from 'otplib';

const PERIOD_S = 30;
/** A clock that is half a minute off is common; more widens what a guesser may hit. */
const TOLERANCE_S = 30;
export const TOTP_CODE = /^\d{6}$/;

/** 160 random bits in base32, as RFC 4226 asks for. */
export const newTotpSecret = (): string => generateSecret({ length: 20 });

/** What the QR code says: six digits, half a minute, SHA-1, which is what every app knows. */
export const totpUri = (issuer: string, username: string, secret: string): string =>
  generateURI({ issuer, label: username, secret, digits: 6, period: PERIOD_S });

/** The time step of a right code that is later than `afterStep`, or undefined. */
export function totpStep(secret: string, code: string, nowMs: number, afterStep: number): number | undefined {
  if (!TOTP_CODE.test(code)) return undefined;
  const result = verifySync({
    secret,
    token: code,
    epoch: Math.floor(nowMs / 1000),
    period: PERIOD_S,
    epochTolerance: TOLERANCE_S,
    // The library refuses to look back before the first step.
    ...(afterStep >= 0 ? { afterTimeStep: afterStep } : {}),
  });
  if (!result.valid) return undefined;
  return 'timeStep' in result ? result.timeStep : undefined;
}
