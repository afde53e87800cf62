import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface TestProvider {
  issuer: string;
  /** Who signs in there from now on, and how. */
  become(person: { sub: string; username: string; amr?: string[] }): void;
  /** To be called once the centre's address is known. */
  open(redirectUrl: string): void;
  close(): Promise<void>;
}

export const CLIENT = { clientId: 'haidang', clientSecret: 'a-secret-of-the-test-only-0123456789' };

/** A real OpenID provider on loopback whose sign-in page asks nothing: whoever the test says is there. */
export async function startProvider(): Promise<TestProvider> {
  let person = { sub: 'nobody', username: 'nobody', amr: undefined as string[] | undefined };
  let provider: Provider | undefined;
  const server = createServer((req, res) => {
    if (!provider) {
      res.writeHead(503).end();
      return;
    }
    if (!req.url?.startsWith('/interaction/')) {
      provider.callback()(req, res);
      return;
    }
    const login = {
      accountId: person.sub,
      ...(person.amr === undefined ? {} : { amr: person.amr }),
    };
    provider.interactionFinished(req, res, { login }).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    become(next) {
      person = { amr: undefined, ...next };
    },
    open(redirectUrl) {
      provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.clientId,
            client_secret: CLIENT.clientSecret,
            redirect_uris: [redirectUrl],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        pkce: { required: () => true },
        cookies: { keys: ['key-of-the-test'] },
        claims: { openid: ['sub'], profile: ['preferred_username'], acr: null, amr: null },
        conformIdTokenClaims: false,
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
        findAccount: async (_ctx, sub) => ({
          accountId: sub,
          claims: async () => ({ sub, preferred_username: person.username }),
        }),
        // Nobody is asked for consent: the two houses have agreed.
        async loadExistingGrant({ oidc }) {
          const { client, session } = oidc;
          if (!client || !session?.accountId || !provider) return undefined;
          const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
          grant.addOIDCScope('openid profile email');
          await grant.save();
          return grant;
        },
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
