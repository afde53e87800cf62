import type { RawData, WebSocket } from 'ws';
import { alertFor, eventFor, scopeOfAlert } from '../../core/alert-mask.ts';
import { type LiveFrame, Subscribe } from '../../core/api/live.ts';
import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { AUDIENCES, type LiveTopic } from '../../core/events.ts';
import type { Gate } from '../../core/gate.ts';
import { type Caller, can, type Permission, scopeOf } from '../../core/permissions.ts';
import type { Logger } from '../../core/ports.ts';
import type { Bbox } from '../../core/reading.ts';
import type { AlertChange, AlertSource } from './alert-tail.ts';
import type { LiveItem } from './items.ts';
import { createOutbox } from './outbox.ts';

/** Close codes of ours; 1013 is RFC 6455's "try again later". */
export const CLOSE = { sessionEnded: 4401, tooSlow: 1013, badMessage: 1008, goingAway: 1001 } as const;

export interface LiveLimits {
  /** Above so many unsent bytes only the last value per key is kept, and alerts wait in the database. */
  highBytes: number;
  /** A socket with more than this for `frozenMs`, or that takes nothing for so long, is closed. */
  maxBytes: number;
  frozenMs: number;
  /** A gap of more alert events than this is not replayed: the client loads the list anew. */
  maxReplay: number;
  /** Messages a client may send in ten seconds. */
  maxMessages: number;
}

export const LIMITS: LiveLimits = {
  highBytes: 256 * 1024,
  maxBytes: 1024 * 1024,
  frozenMs: 10_000,
  maxReplay: 10_000,
  maxMessages: 40,
};

const EVENTS_PER_READ = 200;
const BEAT_MS = 1000;
const MESSAGE_WINDOW_MS = 10_000;

const TOPIC_PERMISSION = new Map<LiveTopic, Permission>(
  Object.values(AUDIENCES).flatMap((audience) => (audience ? [[audience.topic, audience.permission]] : [])),
);

export interface Connection {
  readonly sessionId: string;
  readonly userId: string;
  offer(item: LiveItem): void;
  offerAlerts(changes: readonly AlertChange[]): void;
  /** Regular work: takes the caller as of now, sends what waits, notices frozen clients. */
  tick(caller: Caller | undefined): void;
  close(code: number): void;
  readonly closed: boolean;
}

export interface ConnectionDeps {
  socket: WebSocket;
  caller: Caller;
  clock: Clock;
  logger: Logger;
  limits: LiveLimits;
  alerts: AlertSource;
  serverStartId: string;
  /** Sequence of the last alert event that the hub has handed on. */
  alertSeq(): number;
  /** Runs reads of the alert history a few at a time: all consoles come back at once after a restart. */
  queue: Gate;
  onFolded(count: number): void;
}

/** One client: what it asked for, what it may see, and what still waits for it. */
export function createConnection(deps: ConnectionDeps): Connection {
  const { socket, clock, logger, limits, alerts } = deps;
  let { caller } = deps;
  const outbox = createOutbox();
  let topics: ReadonlySet<LiveTopic> = new Set();
  let bbox: Readonly<Bbox> | undefined;
  /** Last alert event this client has, or never needs. Null = it has not asked for alerts. */
  let position: number | null = null;
  let behind = false;
  /** Tells an answer to an earlier question from one to the present. */
  let subscription = 0;
  let catchingUp = false;
  let missed = false;
  let closed = false;
  let lastSentMs = clock.monotonic();
  let congestedSinceMs: number | null = null;
  let progress = { bytes: 0, atMs: clock.monotonic() };
  let messages = { count: 0, sinceMs: clock.monotonic() };

  const isSlow = () => socket.bufferedAmount > limits.highBytes;
  const send = (text: string) => {
    if (closed || socket.readyState !== socket.OPEN) return;
    lastSentMs = clock.monotonic();
    socket.send(text, (error) => {
      if (error) logger.debug({ err: error.message }, 'live frame not sent');
    });
  };
  const head = (topic: LiveTopic, event: string, seq: number) =>
    `{"type":"event","topic":"${topic}","event":"${event}","seq":${seq},"data":`;
  const tell = (frame: LiveFrame) => send(JSON.stringify(frame));
  const refuse = (code: ErrorCode, detail: string) => tell({ type: 'error', code, detail });
  const close = (code: number) => {
    if (closed) return;
    closed = true;
    outbox.clear();
    socket.close(code);
    // A client that does not read does not answer the close either.
    clock.after(2000, () => socket.terminate());
  };

  const sendAlert = (change: AlertChange) => {
    position = change.seq;
    const { seq, alert, event, mentions } = change;
    if (!can(caller, 'alerts.read', scopeOfAlert(alert))) return;
    const shown = {
      seq,
      alert: alertFor(caller, alert, mentions),
      event: eventFor(caller, event, mentions),
    };
    send(`${head('alerts', 'alert.changed', seq)}${JSON.stringify(shown)}}`);
  };

  /** Sends from the database what the client lacks, then goes over to what is pushed, without a gap or a repeat. */
  const catchUp = async () => {
    if (catchingUp || closed) return;
    catchingUp = true;
    try {
      while (!closed && behind && position !== null && !isSlow()) {
        missed = false;
        const [mine, from] = [subscription, position];
        const end = await endOf(from);
        if (mine !== subscription) continue;
        if (from > end || end - from > limits.maxReplay) {
          position = end;
          tell({ type: 'reset', topic: 'alerts', seq: end });
          continue;
        }
        const changes = await deps.queue.run(() =>
          alerts.eventsSince(scopeOf(caller, 'alerts.read'), from, EVENTS_PER_READ, caller),
        );
        // Asked for something else meanwhile: what was read belongs to the old question.
        if (mine !== subscription) continue;
        for (const change of changes) if (change.seq > position) sendAlert(change);
        // What was pushed during the read may not have been in it: then it is read once more.
        if (changes.length < EVENTS_PER_READ && !missed) behind = false;
      }
    } catch (error) {
      logger.warn({ err: String(error) }, 'a client could not be brought up to date; it will be tried again');
    } finally {
      catchingUp = false;
    }
  };

  /** End of the history; an event may be committed, and known to the client, before it was announced here. */
  const endOf = async (from: number) => {
    const known = deps.alertSeq();
    return from > known ? await alerts.lastSeq() : known;
  };

  const subscribeAlerts = (resumeFrom: number | undefined) => {
    // A client that only moves its viewport has everything up to its position already, or on its way.
    if (position !== null) return;
    position = resumeFrom ?? deps.alertSeq();
    behind = resumeFrom !== undefined;
    if (behind) void catchUp();
  };

  const receive = (data: RawData, isBinary: boolean) => {
    const now = clock.monotonic();
    if (now - messages.sinceMs > MESSAGE_WINDOW_MS) messages = { count: 0, sinceMs: now };
    if (++messages.count > limits.maxMessages) return close(CLOSE.badMessage);
    const request = isBinary ? undefined : parse(String(data));
    if (!request) return refuse('request.invalid', 'expected a subscribe message');
    const allowed = request.topics.filter((topic) => {
      const permission = TOPIC_PERMISSION.get(topic);
      if (permission && can(caller, permission)) return true;
      refuse('auth.forbidden', topic);
      return false;
    });
    topics = new Set(allowed);
    bbox = request.bbox;
    outbox.clear();
    if (topics.has('alerts')) subscribeAlerts(request.resumeFrom);
    else {
      position = null;
      subscription++;
    }
  };
  socket.on('message', receive);
  socket.on('close', () => {
    closed = true;
    outbox.clear();
  });
  socket.on('error', (error) => logger.debug({ err: error.message }, 'live socket failed'));
  tell({ type: 'hello', serverStartId: deps.serverStartId, seq: deps.alertSeq() });

  const inView = ({ position: place }: LiveItem) =>
    bbox === undefined ||
    place === undefined ||
    (place !== null &&
      place[0] >= bbox[0] &&
      place[0] <= bbox[2] &&
      place[1] >= bbox[1] &&
      place[1] <= bbox[3]);

  const flush = () => {
    if (outbox.size === 0) return;
    const { frames, folded } = outbox.take();
    for (const { topic, event, listed, items } of frames) {
      const body = items.map((item) => item.json()).join(',');
      send(`${head(topic, event, position ?? 0)}${listed ? `[${body}]` : body}}`);
    }
    for (const [topic, count] of folded) {
      deps.onFolded(count);
      tell({ type: 'folded', topic, count });
    }
  };

  const isFrozen = (now: number) => {
    const bytes = socket.bufferedAmount;
    // Fewer bytes than at the last look, or none at all: the client reads.
    if (bytes === 0 || bytes < progress.bytes) progress = { bytes, atMs: now };
    else progress = { bytes, atMs: progress.atMs };
    if (bytes <= limits.maxBytes) congestedSinceMs = null;
    else congestedSinceMs ??= now;
    const overFull = congestedSinceMs !== null && now - congestedSinceMs > limits.frozenMs;
    return overFull || (bytes > 0 && now - progress.atMs > limits.frozenMs);
  };

  return {
    sessionId: caller.sessionId,
    userId: caller.userId,
    get closed() {
      return closed;
    },
    close,
    offer(item) {
      if (closed || !topics.has(item.topic)) return;
      if (item.isFor(caller) && inView(item)) outbox.put(item, isSlow());
    },
    offerAlerts(changes) {
      if (closed || position === null) return;
      for (const change of changes) {
        if (behind || isSlow()) {
          // It is in the database; the client gets it from there when it reads again.
          behind = true;
          missed = true;
          return;
        }
        if (change.seq > position) sendAlert(change);
      }
    },
    tick(current) {
      if (closed) return;
      if (!current) return close(CLOSE.sessionEnded);
      caller = current;
      const now = clock.monotonic();
      if (isFrozen(now)) return close(CLOSE.tooSlow);
      if (isSlow()) return;
      flush();
      if (behind) void catchUp();
      if (now - lastSentMs >= BEAT_MS) tell({ type: 'beat', seq: position ?? 0 });
    },
  };
}

function parse(text: string): ReturnType<typeof Subscribe.parse> | undefined {
  try {
    return Subscribe.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
