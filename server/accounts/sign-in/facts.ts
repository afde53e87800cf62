import type { Caller } from '../../../core/permissions.ts';
import type { Logger } from '../../../core/ports.ts';

interface Account {
  id: string;
  username: string;
}

/** What happened at the door, for the log. */
export type Fact =
  | { kind: 'signed_in'; user: Account; how: string; ip: string }
  | { kind: 'refused'; username: string; ip: string }
  | { kind: 'held_off'; username: string; ip: string }
  | { kind: 'proved'; caller: Caller; how: string; ip: string };

export interface Facts {
  note(fact: Fact): void;
}

export function createFacts(logger: Logger): Facts {
  return {
    note(fact) {
      const user =
        'user' in fact ? fact.user.username : 'caller' in fact ? fact.caller.username : fact.username;
      // A name that was typed may be a password in the wrong field: only names of accounts reach the log.
      const named = fact.kind === 'signed_in' || fact.kind === 'proved' ? { user } : {};
      logger.info(
        { ...named, ip: fact.ip, ...('how' in fact ? { how: fact.how } : {}) },
        `sign-in: ${fact.kind}`,
      );
    },
  };
}
