import type { Clock } from '../../core/clock.ts';
import type { MqttSettings } from '../settings.ts';
import type { Link } from './link.ts';

const EVERY_MS = 1000;
/** MQTT 3.1.1, 3.1.2.10: a server waits one and a half times the keep-alive. */
const PATIENCE = 1.5;
/** How long a closing connection may take to hand over what was already written to it. */
export const LINGER_MS = 2000;

/**
 * One timer for all connections instead of three for each: ends those that do not sign in, are silent for too long,
 * or leave their answers unread. Once a second, so each limit is met to within a second.
 */
export function createSweeper(options: {
  links: ReadonlySet<Link>;
  clock: Clock;
  settings: Pick<MqttSettings, 'connectTimeoutS' | 'drainTimeoutS'>;
}): { start(): void; stop(): void } {
  const { links, clock, settings } = options;
  let cancel: () => void = () => undefined;
  const sweep = () => {
    const nowMs = clock.monotonic();
    for (const link of links) look(link, nowMs);
    cancel = clock.after(EVERY_MS, sweep);
  };
  const look = (link: Link, nowMs: number) => {
    if (link.state === 'connecting' || link.state === 'asked') {
      if (nowMs - link.openedMs > settings.connectTimeoutS * 1000) link.socket.destroy();
      return;
    }
    if (link.state === 'closing') {
      if (nowMs - link.closingMs > LINGER_MS) link.socket.destroy();
      return;
    }
    if (link.blockedMs !== undefined && nowMs - link.blockedMs > settings.drainTimeoutS * 1000) {
      link.socket.destroy();
      return;
    }
    if (link.keepAliveMs === 0 || link.held || link.blockedMs !== undefined) return;
    if (nowMs - link.heardMs <= link.keepAliveMs * PATIENCE) return;
    link.close('keepAliveTimeout');
  };
  return {
    start() {
      cancel = clock.after(EVERY_MS, sweep);
    },
    stop: () => cancel(),
  };
}
