import { QueryClient } from '@tanstack/react-query';
import { systemClock } from '../../core/clock.ts';
import { LIVE_TOPICS } from '../../core/events.ts';
import { type Api, createApi } from './api.ts';
import { noteArrival } from './arrivals.ts';
import { noteServerTime, serverNow, setLink, useConnection } from './connection.ts';
import { createHttp, isApiError } from './http.ts';
import { createLive, type Live, type Socket } from './live.ts';
import { answerPasskey } from './passkeys.ts';
import { isIdle, watchPerson } from './presence.ts';
import { select } from './selection.ts';
import { createSessionFlow, type SecondFactorAnswer, useSession } from './session.ts';
import { askToProve } from './step-up.ts';
import { resetEntities, timeOf } from './stores.ts';
import { type AlertChanged, createSync, type Sync } from './sync.ts';
import { loadUi, saveUi, useUi } from './ui.ts';

/** A raised line older than this came by resume: it is in the list, but it rings no bell. */
const FRESH_MS = 30_000;
const REGISTRY_MS = 60_000;
/** Says that this browser has had a session; it holds no secret. */
const TRACE = 'haidang.session';

const session = createSessionFlow(() => ({
  login: api.login,
  secondFactor: (answer) => api.secondFactor(answer),
  passkey: api.passkeySignIn,
  refresh: api.refresh,
  logout: api.logout,
  me: api.me,
  // A refresh token is good for one use; two tabs must not spend it together.
  exclusively: (work) => ('locks' in navigator ? navigator.locks.request('haidang-session', work) : work()),
  isRefusal: (error) => isApiError(error) && (error.status === 401 || error.status === 403),
}));

export const api: Api = createApi(
  createHttp({
    origin: '',
    fetch: (input, init) => fetch(input, init),
    token: session.token,
    renew: session.renew,
    onServerTime: noteServerTime,
    isIdle,
    onNeed: () => void session.look().catch(() => undefined),
    stepUp: askToProve,
  }),
);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only the network and a busy server deserve another try.
      retry: (count, error) => count < 2 && (!isApiError(error) || error.offline || error.status >= 500),
    },
  },
});

const otherTabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('haidang-session') : undefined;

export async function login(username: string, password: string): Promise<void> {
  await session.login(username, password);
}

/** The second step, when `login` has thrown `auth.second_factor`. */
export const secondFactor = (answer: SecondFactorAnswer): Promise<void> => session.secondFactor(answer);

/** Signs in with a passkey alone; the browser asks which. */
export async function signInWithPasskey(): Promise<void> {
  await session.passkey(await answerPasskey(await api.passkeyQuestion()));
}

/** The person has done something that the session needed: goes on to the next need, or in. */
export const lookAgain = (): Promise<void> => session.look();

/** Locks this console now. */
export async function lockConsole(): Promise<void> {
  await api.lock();
  await session.look();
}

export async function logout(): Promise<void> {
  end();
  otherTabs?.postMessage('signed-out');
  await session.logout();
}

/** The other tabs of this browser share the cookie, so they leave together. */
otherTabs?.addEventListener('message', (event) => {
  if (event.data === 'signed-out') {
    end();
    session.forget();
  }
});

let running: { live: Live; sync: Sync; stop(): void } | undefined;

/** Loads what the sign-in page needs, then tries the cookie. Resolves when the first page can be drawn. */
export async function start(): Promise<void> {
  loadUi(localStorage, null);
  useUi.subscribe((state, before) => {
    if (state.viewport !== before.viewport && settingsOf(state) === settingsOf(before)) return;
    saveUi(localStorage, useSession.getState().me?.id ?? null);
  });
  await Promise.all([loadCentre(), restore()]);
}

const settingsOf = ({ viewport: _, ...settings }: ReturnType<typeof useUi.getState>) =>
  JSON.stringify(settings);

export async function loadCentre(): Promise<void> {
  try {
    useConnection.setState({ centre: await api.centre(), centreError: null });
  } catch (error) {
    useConnection.setState({ centreError: isApiError(error) ? error : null });
  }
}

async function restore(): Promise<void> {
  // Without a trace of a session in this browser there is no cookie to try.
  if (localStorage.getItem(TRACE) === null && !cameBack()) return session.forget();
  try {
    await session.restore();
  } catch {
    // No network at start: the sign-in page says so, and signing in will try again.
    session.forget();
  }
}

/** Back from the sign-in page of another house, which has left its cookie. */
const cameBack = () => new URLSearchParams(location.search).get('signin') === 'done';

/** After a refusal anywhere: what is on screen belongs to nobody any more. */
useSession.subscribe((state, before) => {
  if (state.status === before.status) return;
  if (state.status === 'signed_in' || state.status === 'unfinished') localStorage.setItem(TRACE, '1');
  if (state.status === 'signed_out' && before.status !== 'starting') localStorage.removeItem(TRACE);
  if (before.status === 'signed_in') end();
  if (state.status === 'signed_in') begin();
});

function begin(): void {
  if (running) return;
  const { me } = useSession.getState();
  loadUi(localStorage, me?.id ?? null);
  const sync = createSync({ api, clock: systemClock, onAlertChanged });
  const live = createLive({
    clock: systemClock,
    random: { next: Math.random },
    topics: LIVE_TOPICS,
    open: openSocket,
    ping,
    resumeFrom: sync.resumeFrom,
    bbox: () => null,
    onHello(hello) {
      if (hello.seq < sync.resumeFrom()) {
        sync.forgetSequence();
        resetEntities();
      }
      useConnection.setState({ serverStartId: hello.serverStartId });
      // Subscribed first, read afterwards: nothing can fall between the two.
      queueMicrotask(() => void sync.loadAll().then(() => queryClient.invalidateQueries()));
    },
    onEvent: sync.onEvent,
    onReset() {
      sync.forgetSequence();
      void sync.loadAll();
    },
    onLink: (link) => setLink(link, Date.now()),
    onHeard: () => useConnection.setState({ lastHeardMs: Date.now() }),
  });
  const refresh = setInterval(() => {
    if (!document.hidden && useConnection.getState().link === 'live') void sync.loadRegistry();
  }, REGISTRY_MS);
  const retry = () => live.retry();
  addEventListener('online', retry);
  live.start();
  const stopWatching = watchPerson({
    lockAfterMs: me?.lockAfterS == null ? null : me.lockAfterS * 1000,
    stillHere: () => void api.stillHere().catch(() => undefined),
    lock: () => void lockConsole().catch(() => undefined),
  });
  // Not waiting for the socket: a proxy that refuses WebSockets must not leave the console empty.
  void sync.loadAll();
  running = {
    live,
    sync,
    stop() {
      removeEventListener('online', retry);
      clearInterval(refresh);
      stopWatching();
      live.stop();
      sync.stop();
    },
  };
}

function end(): void {
  running?.stop();
  running = undefined;
  resetEntities();
  queryClient.clear();
  select(null);
  setLink('idle', Date.now());
}

export function retryNow(): void {
  running?.live.retry();
}

/** Reads one failed store again; all are read together, which is cheap and keeps them consistent. */
export function reload(): void {
  void running?.sync.loadAll();
}

function onAlertChanged({ alert, event }: AlertChanged): void {
  void queryClient.invalidateQueries({ queryKey: ['alert', alert.id] });
  if (event.kind === 'raised') {
    void queryClient.invalidateQueries({ queryKey: ['histogram'] });
    if (serverNow() - timeOf(event.at) < FRESH_MS) noteArrival(alert, Date.now());
  }
}

async function openSocket(): Promise<Socket> {
  const { ticket } = await api.liveTicket();
  const url = new URL(`/api/v1/live?ticket=${encodeURIComponent(ticket)}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url) as unknown as Socket;
}

async function ping(timeoutMs: number): Promise<boolean> {
  const response = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
  return response.status < 500;
}
