import type { Express } from 'express';
import type { Clock } from '../../core/clock.ts';

export interface SecurityContact {
  /** `mailto:`, `https:` or `tel:` addresses, the best one first; empty = no file. */
  contacts: readonly string[];
  /** Page with the rules for reports. */
  policyUrl: string | undefined;
  clock: Pick<Clock, 'now'>;
}

const DAY_MS = 86_400_000;
/** RFC 9116 wants less than a year; the file says what the settings say now, so it never grows old. */
const GOOD_FOR_DAYS = 90;

/** RFC 9116, at the place where people who find a weakness look. */
export function mountSecurityTxt(app: Express, { contacts, policyUrl, clock }: SecurityContact): void {
  if (contacts.length === 0) return;
  app.get('/.well-known/security.txt', (_req, res) => {
    // Whole days: the same text all day long.
    const expires = new Date((Math.floor(clock.now() / DAY_MS) + GOOD_FOR_DAYS) * DAY_MS);
    const lines = [
      ...contacts.map((contact) => `Contact: ${contact}`),
      `Expires: ${expires.toISOString()}`,
      'Preferred-Languages: vi, en',
      ...(policyUrl === undefined ? [] : [`Policy: ${policyUrl}`]),
    ];
    res.type('text/plain; charset=utf-8').send(`${lines.join('\n')}\n`);
  });
}
