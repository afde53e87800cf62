import { MediaFailure } from '../failure.ts';
import { Session, type SessionPorts, type SessionView } from './session.ts';

export interface Sessions {
  /** The session of a camera, made when it is first asked for. Throws `busy` beyond the limit. */
  of(cameraId: string): Session;
  /** The session if there is one. */
  running(cameraId: string): Session | undefined;
  /** Ends a camera's session and its viewers: it was changed or removed. */
  reset(cameraId: string): void;
  list(): SessionView[];
  stop(): Promise<void>;
}

export function createSessions(
  ports: Omit<SessionPorts, 'onRest' | 'onHealth'> & {
    maxSessions: number;
    onHealth(cameraId: string, event: Parameters<SessionPorts['onHealth']>[0]): void;
  },
): Sessions {
  const sessions = new Map<string, Session>();
  let stopped = false;

  return {
    of(cameraId) {
      const known = sessions.get(cameraId);
      if (known) return known;
      if (stopped) throw new MediaFailure('media_off', 'media is shutting down');
      if (sessions.size >= ports.maxSessions)
        throw new MediaFailure('busy', `already ${ports.maxSessions} cameras are being streamed`);
      const session = new Session(cameraId, {
        ...ports,
        onHealth: (event) => ports.onHealth(cameraId, event),
        onRest: () => {
          if (sessions.get(cameraId) === session) sessions.delete(cameraId);
        },
      });
      sessions.set(cameraId, session);
      return session;
    },
    running: (cameraId) => sessions.get(cameraId),
    reset: (cameraId) => sessions.get(cameraId)?.reset(),
    list: () => [...sessions.values()].map((session) => session.view()),
    async stop() {
      stopped = true;
      const all = [...sessions.values()];
      for (const session of all) session.reset();
      await Promise.all(all.map((session) => session.settled()));
    },
  };
}
