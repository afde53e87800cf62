import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.ts';
import { createGate } from '../../core/gate.ts';
import type { Caller } from '../../core/permissions.ts';
import type { Bus, Logger, Sessions } from '../../core/ports.ts';
import { type AlertSource, createAlertTail } from './alert-tail.ts';
import { CLOSE, type Connection, createConnection, LIMITS, type LiveLimits } from './connection.ts';
import { COALESCED_EVENTS, itemsOf, type LiveItem } from './items.ts';

const OWNER = 'live';
/** Thousands of values become a few frames a second; nobody sees a fifth of a second. */
const TICK_MS = 200;
const MAX_READS = 3;
const MAX_WAITING_READS = 10_000;
/** A place whose socket is gone notices within a minute. */
const PING_MS = 20_000;

export interface LiveStats {
  connections: number;
  foldedTotal: number;
}

export interface LiveHub {
  start(): Promise<void>;
  accept(socket: WebSocket, caller: Caller): void;
  stats(): LiveStats;
  stop(): void;
}

/** Takes what was committed and announced, and gives each client what it asked for and may see. */
export function createHub(options: {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  sessions: Pick<Sessions, 'current'>;
  alerts: AlertSource;
  limits?: Partial<LiveLimits>;
}): LiveHub {
  const { bus, clock, logger, sessions, alerts } = options;
  const limits = { ...LIMITS, ...options.limits };
  const serverStartId = randomUUID();
  const connections = new Set<Connection>();
  const queue = createGate(MAX_READS, MAX_WAITING_READS);
  /** Of each key the last item since the tick before. */
  let fresh = new Map<string, LiveItem>();
  let foldedTotal = 0;
  let cancelTick = () => {};

  const tail = createAlertTail({
    source: alerts,
    clock,
    logger,
    deliver(changes) {
      for (const connection of connections) connection.offerAlerts(changes);
    },
  });

  const tick = () => {
    const items = fresh;
    fresh = new Map();
    for (const connection of connections) {
      if (connection.closed) {
        connections.delete(connection);
        continue;
      }
      for (const item of items.values()) connection.offer(item);
      connection.tick(sessions.current(connection.sessionId));
    }
    cancelTick = clock.after(TICK_MS, tick);
  };

  return {
    async start() {
      await tail.start();
      for (const event of COALESCED_EVENTS) {
        bus.on(OWNER, event, (data) => {
          // The event and its data come as a pair; the compiler sees only the union of each.
          if (connections.size > 0)
            for (const item of itemsOf(event, data as never)) fresh.set(item.key, item);
        });
      }
      bus.on(OWNER, 'alert.changed', (change) => tail.notice(change));
      bus.on(OWNER, 'user.revoked', ({ userId, sessionId }) => {
        for (const connection of connections) {
          if (connection.userId === userId && (sessionId === null || sessionId === connection.sessionId))
            connection.close(CLOSE.sessionEnded);
        }
      });
      cancelTick = clock.after(TICK_MS, tick);
    },
    accept(socket, caller) {
      keepAlive(socket, clock);
      connections.add(
        createConnection({
          socket,
          caller,
          clock,
          logger,
          limits,
          alerts,
          serverStartId,
          alertSeq: () => tail.seq,
          queue,
          onFolded(count) {
            foldedTotal += count;
          },
        }),
      );
    },
    stats: () => ({ connections: connections.size, foldedTotal }),
    stop() {
      bus.off(OWNER);
      cancelTick();
      tail.stop();
      for (const connection of connections) connection.close(CLOSE.goingAway);
      connections.clear();
    },
  };
}

/** Pings regularly; a socket that does not answer before the next ping is cut. */
function keepAlive(socket: WebSocket, clock: Clock): void {
  let answered = true;
  let cancel = () => {};
  const ping = () => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
    cancel = clock.after(PING_MS, ping);
  };
  cancel = clock.after(PING_MS, ping);
  socket.on('pong', () => {
    answered = true;
  });
  socket.on('close', () => cancel());
}
