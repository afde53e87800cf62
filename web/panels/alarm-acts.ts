import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alert } from '../../core/api/alerts.ts';
import { api, needsAcknowledgement, useAlerts } from '../state/index.ts';

export interface AlarmActs {
  busy: 'acknowledge' | 'comment' | 'resolve' | null;
  error: unknown;
  canAcknowledge: boolean;
  canResolve: boolean;
  acknowledge(): Promise<boolean>;
  comment(text: string): Promise<boolean>;
  resolve(reason: string): Promise<boolean>;
  clearError(): void;
}

/**
 * What an operator may do to one alarm. Each act says in which state the operator saw the alarm, so that
 * two people at two desks do not overrule each other unseen (409 then shows the new state).
 */
export function useAlarmActs(alert: Alert): AlarmActs {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<AlarmActs['busy']>(null);
  const [error, setError] = useState<unknown>(null);

  const run = async (what: NonNullable<AlarmActs['busy']>, act: () => Promise<Alert>): Promise<boolean> => {
    setBusy(what);
    setError(null);
    try {
      take(await act());
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(null);
      void queries.invalidateQueries({ queryKey: ['alert', alert.id] });
    }
  };
  return {
    busy,
    error,
    canAcknowledge: needsAcknowledgement(alert),
    canResolve: alert.state !== 'closed',
    acknowledge: () => run('acknowledge', () => api.acknowledge(alert.id, alert.state)),
    comment: (text) => run('comment', () => api.comment(alert.id, text)),
    resolve: (reason) => run('resolve', () => api.resolve(alert.id, alert.state, reason)),
    clearError: () => setError(null),
  };
}

/** The answer is as good as the live frame that follows it, and sooner. */
function take(alert: Alert): void {
  if (alert.state === 'closed') useAlerts.remove([alert.id]);
  else useAlerts.put([alert]);
}
