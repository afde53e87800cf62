import { LiveTicket } from '../../core/api/live.ts';
import type { Clock } from '../../core/clock.ts';
import type { Bus, Logger, Sessions } from '../../core/ports.ts';
import { type Route, route } from '../http/index.ts';
import type { AlertSource } from './alert-tail.ts';
import type { LiveLimits } from './connection.ts';
import { createHub, type LiveStats } from './hub.ts';
import { createLiveTickets } from './tickets.ts';
import { createUpgrade, type LiveUpgrade } from './upgrade.ts';

export type { AlertSource } from './alert-tail.ts';

export interface Live {
  routes: Route[];
  /** For the HTTP server's `upgrade` event. */
  handleUpgrade: LiveUpgrade;
  /** Begins to listen; alerts must be readable by then. */
  start(): Promise<void>;
  stats(): LiveStats;
  stop(): void;
}

/** Live push: `WS /live` and its tickets. */
export function createLive(options: {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  sessions: Sessions;
  alerts: AlertSource;
  /** Host names besides loopback under which the product is reached. */
  allowedHosts: readonly string[];
  limits?: Partial<LiveLimits>;
}): Live {
  const { sessions, allowedHosts, logger, clock } = options;
  const hub = createHub(options);
  const tickets = createLiveTickets(clock);
  return {
    routes: [
      route({
        method: 'post',
        path: '/live/ticket',
        summary: 'A ticket for `WS /live?ticket=`: opens once, within half a minute',
        tag: 'live',
        access: 'authenticated',
        response: LiveTicket,
        async handler({ caller, res }) {
          res.setHeader('Cache-Control', 'no-store');
          return tickets.issue(caller.sessionId);
        },
      }),
    ],
    handleUpgrade: createUpgrade({ hub, tickets, sessions, allowedHosts, logger }),
    start: hub.start,
    stats: hub.stats,
    stop: hub.stop,
  };
}
