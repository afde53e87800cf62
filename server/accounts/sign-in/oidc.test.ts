import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import { ANY_DATABASE } from '../../../test/support/adapters.ts';
import { type Answer, startApi, type TestApi } from '../../../test/support/api.ts';
import { CLIENT, startProvider, type TestProvider } from '../../../test/support/oidc-provider.ts';
import { addPerson, createPeople, type People, PLAIN_SIGN_IN } from '../../../test/support/people.ts';
import type { OpenDatabase } from '../../db/index.ts';

describe('sign-in with an account of another house, at a real OpenID provider', () => {
  let provider: TestProvider;
  let database: OpenDatabase;
  let people: People;
  let api: TestApi;
  // The provider signs with the time of day, so ours must be the same.
  const clock = manualClock(Date.now());

  beforeAll(async () => {
    provider = await startProvider();
    database = await ANY_DATABASE.open();
    people = await createPeople(database, clock, [], {
      ...PLAIN_SIGN_IN,
      oidc: { issuer: provider.issuer, ...CLIENT, secondFactorValues: 'mfa' },
    });
    api = await startApi(people.accounts.routes, people.accounts.sessions, { clock });
    provider.open(`${api.url}/api/v1/auth/oidc/callback`);
    await addPerson(people.accounts, 'lan', { role: 'viewer' });
    await addPerson(people.accounts, 'minh', { role: 'viewer' });
  });
  afterAll(async () => {
    await api?.close();
    people?.close();
    await database?.close();
    await provider?.close();
  });

  /** A browser as far as cookies and redirects go. */
  function browser() {
    const jar = new Map<string, string>();
    const get = async (url: string) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const each of answer.headers.getSetCookie()) {
        const [pair = ''] = each.split(';');
        const at = pair.indexOf('=');
        jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return answer;
    };
    return {
      jar,
      get,
      /** Follows redirects until one leads back to the centre; resolves to that address. */
      async atProvider(start: string): Promise<string> {
        let url = start;
        for (let hops = 0; hops < 10; hops++) {
          const answer = await get(url);
          const next = answer.headers.get('location');
          if (next === null) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
          url = new URL(next, url).href;
          if (url.startsWith(api.url)) return url;
        }
        throw new Error('the provider goes in circles');
      },
    };
  }
  const begin = async (with_ = browser()) => {
    const answer = await with_.get(`${api.url}/api/v1/auth/oidc/start`);
    expect(answer.status).toBe(303);
    return { with_, url: answer.headers.get('location') ?? '' };
  };
  const signIn = async () => {
    const { with_, url } = await begin();
    const back = await with_.atProvider(url);
    const answer = await with_.get(back);
    return { with_, back, outcome: answer.headers.get('location') ?? '' };
  };
  const refresh = (cookie: string): Promise<Answer> =>
    api.call('POST', '/auth/refresh', { headers: { 'x-requested-with': 'haidang', cookie } });
  const refreshed = ({ jar }: ReturnType<typeof browser>) =>
    refresh(`haidang_refresh=${jar.get('haidang_refresh') ?? ''}`);

  it('asks with a code, PKCE, state and nonce', async () => {
    const { url } = await begin();
    const { searchParams } = new URL(url);
    expect(url.startsWith(provider.issuer)).toBe(true);
    expect(searchParams.get('response_type')).toBe('code');
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(searchParams.get(name)?.length).toBeGreaterThan(30);
    expect((await api.call('GET', '/auth/methods')).body.oidc).toEqual({
      vi: 'Tài khoản cơ quan',
      en: 'Agency account',
    });
  });

  it('opens the account of that name the first time, and from then on the account of that identity', async () => {
    provider.become({ sub: 'subject-1', username: 'Lan' });
    const first = await signIn();
    expect(first.outcome).toBe('/?signin=done');
    const token = (await refreshed(first.with_)).body.accessToken;
    expect((await api.call('GET', '/me', { token })).body.username).toBe('lan');
    expect((await api.call('GET', '/me/security', { token })).body.identities).toMatchObject([
      { issuer: provider.issuer, label: 'lan' },
    ]);

    // The name at the provider may pass to somebody else; the identity does not.
    provider.become({ sub: 'subject-1', username: 'minh' });
    const again = await signIn();
    const same = (await refreshed(again.with_)).body.accessToken;
    expect((await api.call('GET', '/me', { token: same })).body.username).toBe('lan');
    provider.become({ sub: 'subject-2', username: 'lan' });
    expect((await signIn()).outcome).toBe('/?signin=auth.no_account');
  });

  it('makes no account and gives no grant to who has none here, and links no administrator', async () => {
    for (const username of ['stranger', 'admin', '']) {
      provider.become({ sub: `subject-of-${username}`, username });
      const { outcome, with_ } = await signIn();
      expect(outcome).toBe('/?signin=auth.no_account');
      expect((await refreshed(with_)).status).toBe(401);
    }
    const [users] = await database.query<{ count: number }>({
      text: 'select count(*) as count from users',
      values: [],
    });
    expect(Number(users?.count)).toBe(3);
  });

  it('refuses what another browser began, another state, a code used twice, and an answer without its cookie', async () => {
    provider.become({ sub: 'subject-1', username: 'lan' });
    const mine = await begin();
    const back = await mine.with_.atProvider(mine.url);
    const callback = async (url: string, jar = browser()) =>
      (await jar.get(url)).headers.get('location') ?? '';

    // Sign-in of a victim into the attacker's account: the address alone is worth nothing.
    expect(await callback(back)).toBe('/?signin=auth.proof_invalid');
    const other = await begin();
    expect(await callback(back, other.with_)).toBe('/?signin=auth.proof_invalid');

    const twisted = new URL(back);
    twisted.searchParams.set('state', 'x'.repeat(43));
    const third = await begin();
    await third.with_.atProvider(third.url);
    expect(await callback(twisted.href, third.with_)).toBe('/?signin=auth.proof_invalid');

    expect(await callback(back, mine.with_)).toBe('/?signin=done');
    expect(await callback(back, mine.with_)).toBe('/?signin=auth.proof_invalid');
  });

  it('lets a locked account in by no door', async () => {
    const users = await database.query<{ id: string }>({
      text: "update users set status = 'locked' where username = 'lan' returning id",
      values: [],
    });
    expect(users.length).toBe(1);
    provider.become({ sub: 'subject-1', username: 'lan' });
    expect((await signIn()).outcome).toBe('/?signin=auth.no_account');
  });
});
