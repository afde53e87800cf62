import type { Alert } from '../../core/api/alerts.ts';

/** The parts of an alarm's evidence that the console draws; every rule kind may add others. */
export interface Evidence {
  quantity: string | null;
  value: number | null;
  /** The limit in the quantity's unit, when the rule compares values (not changes or spans of time). */
  limit: number | null;
  /** When the condition began to hold. */
  sinceMs: number | null;
}

export function evidenceOf({ evidence }: Pick<Alert, 'evidence'>): Evidence {
  const number = (key: string) => {
    const value = evidence[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const text = (key: string) => (typeof evidence[key] === 'string' ? (evidence[key] as string) : null);
  // A rate of change has a window; its limit is a difference and no line on the chart.
  const compares = text('comparison') !== null || number('windowS') === null;
  const since = Date.parse(text('since') ?? text('fromTime') ?? text('lastArrival') ?? '');
  return {
    quantity: text('quantity'),
    value: number('value'),
    limit: compares ? number('limit') : null,
    sinceMs: Number.isFinite(since) ? since : null,
  };
}
