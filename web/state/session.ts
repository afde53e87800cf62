import { create } from 'zustand';
import type { Me } from '../../core/api/auth.ts';
import type { PasskeyProof } from '../../core/api/sign-in.ts';
import type { Permission } from '../../core/permissions.ts';

export interface SessionState {
  /** `unfinished`: somebody is there, and `me.needs` says what they must do before they see anything. */
  status: 'starting' | 'signed_out' | 'unfinished' | 'signed_in';
  me: Me | null;
  /** Why nobody is signed in; null = nobody has been yet, or they signed out themselves. */
  endedBy: 'expired' | 'revoked' | null;
}

/** Who is signed in. The access token is not here: it never leaves the closure of `createSessionFlow`. */
export const useSession = create<SessionState>(() => ({ status: 'starting', me: null, endedBy: null }));

export function may(permission: Permission): boolean {
  return useSession.getState().me?.permissions.includes(permission) ?? false;
}

export function useMay(permission: Permission): boolean {
  return useSession((state) => state.me?.permissions.includes(permission) ?? false);
}

interface Token {
  accessToken: string;
  expiresIn: number;
}

/** Absent challenge = the one that the server has put into a cookie. */
export interface SecondFactorAnswer {
  challenge?: string;
  code?: string;
  passkey?: PasskeyProof;
}

export interface SessionPorts {
  login(username: string, password: string): Promise<Token>;
  secondFactor(answer: SecondFactorAnswer): Promise<Token>;
  passkey(proof: PasskeyProof): Promise<Token>;
  refresh(): Promise<Token>;
  logout(): Promise<void>;
  me(): Promise<Me>;
  /** Runs `work` while no other tab of this browser does the same: refresh tokens are used once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** True when an error means that the session is over, not that the network is bad. */
  isRefusal(error: unknown): boolean;
}

export interface SessionFlow {
  token(): string | null;
  /** At start: an existing refresh cookie signs in without asking. */
  restore(): Promise<void>;
  login(username: string, password: string): Promise<void>;
  /** The second step of a sign-in. */
  secondFactor(answer: SecondFactorAnswer): Promise<void>;
  passkey(proof: PasskeyProof): Promise<void>;
  /** Asks the server again who is there and what they must do. */
  look(): Promise<void>;
  /** Single flight; null = the session is over. A bad network throws and leaves the session as it is. */
  renew(): Promise<string | null>;
  logout(): Promise<void>;
  /** Signed out elsewhere (another tab): forget everything here too. */
  forget(endedBy?: SessionState['endedBy']): void;
}

export function createSessionFlow(ports: () => SessionPorts): SessionFlow {
  let token: string | null = null;
  let renewal: Promise<string | null> | undefined;

  const forget = (endedBy: SessionState['endedBy'] = null) => {
    token = null;
    useSession.setState({ status: 'signed_out', me: null, endedBy });
  };
  const renew = (): Promise<string | null> => {
    renewal ??= ports()
      .exclusively(() => ports().refresh())
      .then(
        (answer) => {
          token = answer.accessToken;
          return token;
        },
        (error: unknown) => {
          if (!ports().isRefusal(error)) throw error;
          if (['signed_in', 'unfinished'].includes(useSession.getState().status)) forget('expired');
          return null;
        },
      )
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  };

  const look = async () => {
    const me = await ports().me();
    useSession.setState({ status: me.needs === null ? 'signed_in' : 'unfinished', me, endedBy: null });
  };

  return {
    token: () => token,
    look,
    async restore() {
      const renewed = await renew();
      if (!renewed) return forget(useSession.getState().endedBy);
      await look();
    },
    async login(username, password) {
      token = (await ports().login(username, password)).accessToken;
      await look();
    },
    async secondFactor(answer) {
      token = (await ports().secondFactor(answer)).accessToken;
      await look();
    },
    async passkey(proof) {
      token = (await ports().passkey(proof)).accessToken;
      await look();
    },
    renew,
    async logout() {
      await ports()
        .logout()
        .catch(() => undefined);
      forget();
    },
    forget,
  };
}
