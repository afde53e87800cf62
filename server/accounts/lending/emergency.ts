import type { Caller } from '../../../core/permissions.ts';
import type { AuditTrail } from '../../../core/ports.ts';
import type { Route } from '../../http/index.ts';

const WINDOW_MS = 60_000;

/** The same routes; whatever somebody with emergency access asks of them is in the audit trail before the answer. */
export function withEmergencyNotes(audit: AuditTrail, routes: readonly Route[]): Route[] {
  return routes.map((entry) => ({
    ...entry,
    async handler(context) {
      const caller = context.caller as Partial<Caller> | undefined;
      if (caller?.grants?.some(({ loan }) => loan?.kind === 'break_glass')) {
        const asked = `${context.req.method} ${context.req.path}`;
        await audit.note(
          {
            by: caller as Caller,
            action: 'breakglass.use',
            object: { type: 'system', id: asked.slice(0, 200) },
            after: { asked },
          },
          { must: true, fold: { key: `${caller.sessionId} ${asked}`, windowMs: WINDOW_MS } },
        );
      }
      return entry.handler(context);
    },
  }));
}
