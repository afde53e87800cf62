import { useCallback, useState } from 'react';

export interface Act<What extends string> {
  /** What is being done now, for the one button that shows it. */
  busy: What | null;
  /** Why the last one failed; null once it worked, or was cleared. */
  error: unknown;
  /** True if it worked; the failure of one that did not is kept in `error`. */
  run(what: What, work: () => Promise<unknown>): Promise<boolean>;
  clearError(): void;
}

/** Things asked of the server from one place of the screen, one at a time. */
export function useAct<What extends string>(): Act<What> {
  const [busy, setBusy] = useState<What | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = useCallback(async (what: What, work: () => Promise<unknown>) => {
    setBusy(what);
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(null);
    }
  }, []);
  return { busy, error, run, clearError: () => setError(null) };
}
