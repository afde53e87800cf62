import { create } from 'zustand';
import type { Me } from '../../core/api/auth.ts';
import type { Permission } from '../../core/permissions.ts';

export interface SessionState {
  status: 'starting' | 'signed_out' | 'signed_in';
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

export interface SessionPorts {
  login(username: string, password: string): Promise<{ accessToken: string; expiresIn: number }>;
  refresh(): Promise<{ accessToken: string; expiresIn: number }>;
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
          if (useSession.getState().status === 'signed_in') forget('expired');
          return null;
        },
      )
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  };

  return {
    token: () => token,
    async restore() {
      const renewed = await renew();
      if (!renewed) return forget(useSession.getState().endedBy);
      useSession.setState({ status: 'signed_in', me: await ports().me(), endedBy: null });
    },
    async login(username, password) {
      token = (await ports().login(username, password)).accessToken;
      useSession.setState({ status: 'signed_in', me: await ports().me(), endedBy: null });
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
