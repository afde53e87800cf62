import { useQueryClient } from '@tanstack/react-query';
import { MOST_SHELVED_MIN } from '../../core/alert-state.ts';
import type { Alert } from '../../core/api/alerts.ts';
import { type Act, useAct } from '../parts/use-act.ts';
import { api, needsAcknowledgement, useAlerts } from '../state/index.ts';

type AlarmAct = 'acknowledge' | 'comment' | 'resolve' | 'shelve' | 'unshelve';

export interface AlarmActs extends Omit<Act<AlarmAct>, 'run'> {
  canAcknowledge: boolean;
  canResolve: boolean;
  acknowledge(): Promise<boolean>;
  comment(text: string): Promise<boolean>;
  resolve(reason: string): Promise<boolean>;
  /** Absent for what is held back already. */
  shelve: ((reason: string, minutes: number) => Promise<boolean>) | undefined;
  /** Absent for what is not on the shelf. */
  unshelve: (() => Promise<boolean>) | undefined;
  /** Minutes that it may be shelved at most. */
  mostMinutes: number;
}

/**
 * What an operator may do to one alarm. Each act says in which state the operator saw the alarm, so that
 * two people at two desks do not overrule each other unseen (409 then shows the new state).
 */
export function useAlarmActs(alert: Alert): AlarmActs {
  const queries = useQueryClient();
  const { run: runAct, ...act } = useAct<AlarmAct>();
  const run = async (what: AlarmAct, work: () => Promise<Alert>): Promise<boolean> => {
    const done = await runAct(what, async () => take(await work()));
    void queries.invalidateQueries({ queryKey: ['alert', alert.id] });
    return done;
  };
  return {
    ...act,
    canAcknowledge: needsAcknowledgement(alert),
    canResolve: alert.state !== 'closed',
    acknowledge: () => run('acknowledge', () => api.acknowledge(alert.id, alert.state)),
    comment: (text) => run('comment', () => api.comment(alert.id, text)),
    resolve: (reason) => run('resolve', () => api.resolve(alert.id, alert.state, reason)),
    shelve:
      alert.hold || alert.state === 'closed'
        ? undefined
        : (reason, minutes) => run('shelve', () => api.shelve(alert.id, reason, minutes)),
    unshelve:
      alert.hold?.kind === 'shelved' ? () => run('unshelve', () => api.unshelve(alert.id)) : undefined,
    mostMinutes: MOST_SHELVED_MIN[alert.severity],
  };
}

/** The answer is as good as the live frame that follows it, and sooner. */
function take(alert: Alert): void {
  if (alert.state === 'closed') useAlerts.remove([alert.id]);
  else useAlerts.put([alert]);
}
