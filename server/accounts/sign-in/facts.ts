import type { Caller } from '../../../core/permissions.ts';
import type { AuditActor, AuditTrail, Logger, Tx } from '../../../core/ports.ts';
import type { Client } from '../sessions.ts';

interface Account {
  id: string;
  username: string;
  agency_id: string | null;
}

/** What happened at the door without opening it. */
type Fact =
  /** `account`: the one that was tried, if there is such a one. */
  | { kind: 'refused'; account: Account | undefined }
  | { kind: 'held_off'; account: Account | undefined }
  | { kind: 'proved'; caller: Caller; how: string }
  | { kind: 'not_proved'; caller: Caller };

/** Tells the log and the audit trail what happens at the door. */
export interface Facts {
  /** Somebody is in: belongs to the transaction that opens their session. */
  signedIn(tx: Tx, user: Account, how: string, sessionId: string, client: Client): Promise<void>;
  note(fact: Fact, client: Client): Promise<void>;
}

/** A storm of guesses from one address leaves one entry and one with their number. */
const FOLD_MS = 10 * 60_000;
/**
 * Whoever gave the name of no account. The name itself is not kept: people type their password into the wrong field.
 */
const NOBODY = '?';

export const accountActor = (user: Account): AuditActor => ({
  userId: user.id,
  username: user.username,
  agencyId: user.agency_id,
});

export function createFacts(logger: Logger, audit: AuditTrail): Facts {
  const tell = (kind: string, ip: string, user?: string, how?: string) =>
    logger.info({ ip, ...(user ? { user } : {}), ...(how ? { how } : {}) }, `sign-in: ${kind}`);

  return {
    async signedIn(tx, user, how, sessionId, { ip, requestId, userAgent }) {
      tell('signed_in', ip, user.username, how);
      await audit.record(tx, {
        by: { ...accountActor(user), sessionId, origin: { ip, requestId } },
        action: 'signin.success',
        object: { type: 'account', id: user.id, name: user.username },
        after: { how, userAgent: userAgent.slice(0, 300) },
      });
    },

    async note(fact, { ip, requestId, userAgent }) {
      const origin = { ip, requestId };
      if ('caller' in fact) {
        const { caller } = fact;
        tell(fact.kind, ip, caller.username, 'how' in fact ? fact.how : undefined);
        await audit.note({
          by: { ...caller, origin },
          action: fact.kind === 'proved' ? 'signin.step_up' : 'signin.failure',
          object: { type: 'account', id: caller.userId, name: caller.username },
          after: fact.kind === 'proved' ? { how: fact.how } : { step: 'step-up' },
        });
        return;
      }
      const { account } = fact;
      tell(fact.kind, ip, account?.username);
      await audit.note(
        {
          by: { ...(account ? accountActor(account) : { username: NOBODY }), origin },
          action: fact.kind === 'refused' ? 'signin.failure' : 'signin.throttled',
          object: account && { type: 'account', id: account.id, name: account.username },
          after: { userAgent: userAgent.slice(0, 300) },
        },
        { fold: { key: `${account?.id ?? ''} ${ip}`, windowMs: FOLD_MS } },
      );
    },
  };
}
