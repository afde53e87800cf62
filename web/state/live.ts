import { z } from 'zod';
import type { Clock, Random } from '../../core/clock.ts';
import { LIVE_TOPICS, type LiveTopic } from '../../core/events.ts';
import type { Bbox } from '../../core/reading.ts';
import { readableJson } from './readable.ts';

const Frame = z.union([
  z.object({ type: z.literal('hello'), serverStartId: z.string(), seq: z.number() }),
  z.object({
    type: z.literal('event'),
    topic: z.enum(LIVE_TOPICS),
    event: z.string(),
    seq: z.number(),
    data: z.unknown(),
  }),
  z.object({ type: z.literal('reset'), topic: z.literal('alerts'), seq: z.number() }),
  z.object({ type: z.literal('beat'), seq: z.number() }),
  z.object({ type: z.literal('folded'), topic: z.enum(LIVE_TOPICS), count: z.number() }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
type ParsedFrame = z.infer<typeof Frame>;
export type LiveEventFrame = Extract<ParsedFrame, { type: 'event' }>;

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
}

export interface LiveOptions {
  clock: Clock;
  random: Random;
  topics: readonly LiveTopic[];
  /** Gets a ticket and opens the socket; a rejection counts as a failed attempt. */
  open(): Promise<Socket>;
  /** Answers within `timeoutMs` while the server is reachable; asked only after a silence. */
  ping(timeoutMs: number): Promise<boolean>;
  /** Last alert sequence seen, to resume from. */
  resumeFrom(): number;
  bbox(): Readonly<Bbox> | null;
  onHello(hello: { serverStartId: string; seq: number }): void;
  onEvent(frame: LiveEventFrame): void;
  /** The alarms cannot be resumed: everything has to be read anew. */
  onReset(): void;
  onLink(link: 'connecting' | 'live' | 'offline'): void;
  onHeard(): void;
}

export interface Live {
  start(): void;
  stop(): void;
  /** The viewport moved: subscribe again. */
  resubscribe(): void;
  /** Try now instead of waiting for the next attempt. */
  retry(): void;
}

/**
 * The server says something at least every second; after this long a ping asks whether the line or only that beat
 * is late. Silence and ping together stay within 3 s.
 */
const SILENCE_MS = 1500;
const PING_TIMEOUT_MS = 1300;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/**
 * One socket to `/live` that comes back by itself. A cut cable closes no socket for minutes, so a silence is
 * checked by a ping; loss shows within three seconds.
 */
export function createLive(options: LiveOptions): Live {
  const { clock } = options;
  let socket: Socket | undefined;
  let running = false;
  /** Guards against late callbacks of an abandoned attempt. */
  let attempt = 0;
  let failures = 0;
  let greeted = false;
  let cancelTimer: () => void = () => undefined;
  let cancelWatch: () => void = () => undefined;

  const subscribe = () => {
    const bbox = options.bbox();
    const resumeFrom = options.resumeFrom();
    socket?.send(
      JSON.stringify({
        type: 'subscribe',
        topics: options.topics,
        ...(bbox ? { bbox } : {}),
        ...(resumeFrom > 0 ? { resumeFrom } : {}),
      }),
    );
  };
  const lost = (mine: number) => {
    if (!running || mine !== attempt) return;
    attempt++;
    cancelWatch();
    const old = socket;
    socket = undefined;
    greeted = false;
    old?.close();
    options.onLink('offline');
    // Full jitter: a restarted server must not meet every console in the same second.
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++);
    cancelTimer = clock.after(FIRST_RETRY_MS / 2 + options.random.next() * ceiling, connect);
  };
  const watch = (mine: number) => {
    cancelWatch();
    cancelWatch = clock.after(SILENCE_MS, () => {
      options.ping(PING_TIMEOUT_MS).then(
        (alive) => {
          if (mine !== attempt) return;
          if (!alive) return lost(mine);
          options.onHeard();
          watch(mine);
        },
        () => lost(mine),
      );
    });
  };
  const heard = (mine: number) => {
    options.onHeard();
    watch(mine);
  };
  const receive = (mine: number, text: unknown) => {
    if (mine !== attempt) return;
    heard(mine);
    const frame = parse(text);
    if (!frame) return;
    if (frame.type === 'hello') {
      greeted = true;
      failures = 0;
      options.onHello(frame);
      subscribe();
      options.onLink('live');
    } else if (frame.type === 'event') options.onEvent(frame);
    else if (frame.type === 'reset') options.onReset();
  };
  function connect(): void {
    if (!running) return;
    const mine = ++attempt;
    if (failures === 0) options.onLink('connecting');
    options.open().then(
      (opened) => {
        if (!running || mine !== attempt) return opened.close();
        socket = opened;
        opened.onmessage = (event) => receive(mine, event.data);
        opened.onclose = () => lost(mine);
        opened.onerror = () => lost(mine);
        watch(mine);
      },
      () => lost(mine),
    );
  }

  return {
    start() {
      if (running) return;
      running = true;
      failures = 0;
      connect();
    },
    stop() {
      running = false;
      attempt++;
      cancelTimer();
      cancelWatch();
      socket?.close();
      socket = undefined;
    },
    resubscribe() {
      if (greeted) subscribe();
    },
    retry() {
      if (!running || greeted) return;
      cancelTimer();
      failures = 0;
      connect();
    },
  };
}

function parse(text: unknown): ParsedFrame | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const parsed = Frame.safeParse(readableJson(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
