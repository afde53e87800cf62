import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { z } from 'zod';
import type { PasskeyProof, PasskeyQuestion, PasskeyRegister } from '../../core/api/sign-in.ts';

/** The browser and the person answer; throws what the browser throws, also when the person would rather not. */
export async function answerPasskey({ ticket, options }: PasskeyQuestion): Promise<PasskeyProof> {
  const response = await startAuthentication({ optionsJSON: options as never });
  return { ticket, response: response as unknown as PasskeyProof['response'] };
}

export async function makePasskey(
  { ticket, options }: PasskeyQuestion,
  name: string,
): Promise<z.input<typeof PasskeyRegister>> {
  const response = await startRegistration({ optionsJSON: options as never });
  return { ticket, name, response: response as unknown as z.input<typeof PasskeyRegister>['response'] };
}

/** The person closed the browser's window, or it gave up waiting: nothing went wrong. */
export const isDeclined = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError');
