import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Caller, unlimited } from '../../core/permissions.ts';
import type { Sessions } from '../../core/ports.ts';
import { secretMatcher } from '../http/index.ts';

/** What a running product leaves in `<dataDir>/control.json` (mode 600) for the command line on the same machine. */
export const Control = z.object({
  url: z.string(),
  token: z.string(),
  pid: z.number().int(),
  mqttPort: z.number().int().nullable(),
});
export type Control = z.infer<typeof Control>;

/** Whoever can read the control file owns the data directory anyway; acts are recorded under this name. */
const LOCAL_OPERATOR = unlimited('haidang-cli', {
  userId: 'local',
  displayName: 'haidang',
  sessionId: 'local',
  provedUntilMs: Number.POSITIVE_INFINITY,
});

/** The command line works through whole files and tables: its rate is not limited. */
export const isLocalOperator = ({ sessionId }: Pick<Caller, 'sessionId'>): boolean =>
  sessionId === LOCAL_OPERATOR.sessionId;

export interface ControlKey {
  /** The same sessions, and beside them the local operator for whoever has this start's key. */
  withSessions(sessions: Sessions): Sessions;
  publish(control: Omit<Control, 'token'>): Control;
  remove(): void;
}

/** A key that is new at every start, so a copy of an old control file opens nothing. */
export function createControlKey(dataDir: string): ControlKey {
  const token = randomBytes(32).toString('base64url');
  const isKey = secretMatcher(token);
  const file = join(dataDir, 'control.json');
  const callerOf = (given: string) => (isKey(given) ? LOCAL_OPERATOR : undefined);
  return {
    withSessions: (sessions) => ({
      authenticate: async (given, facts) => callerOf(given) ?? (await sessions.authenticate(given, facts)),
      current: (id) => (id === LOCAL_OPERATOR.sessionId ? LOCAL_OPERATOR : sessions.current(id)),
    }),
    publish(rest) {
      const control = { ...rest, token };
      rmSync(file, { force: true });
      writeFileSync(file, JSON.stringify(control), { mode: 0o600, flag: 'wx' });
      return control;
    },
    remove: () => rmSync(file, { force: true }),
  };
}
