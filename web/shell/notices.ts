import { create } from 'zustand';

/** A line at the foot of the screen: what was done, and for a while how to take it back. */
export interface Notice {
  serial: number;
  text: string;
  untilMs: number;
  undo?: () => Promise<void>;
  error?: boolean;
}

const UNDO_MS = 10_000;

export const useNotices = create<{ notice: Notice | null }>(() => ({ notice: null }));

let serial = 0;

/** One at a time: the latest act is the one that may need taking back. */
export function notify(text: string, more: { undo?: () => Promise<void>; error?: boolean } = {}): void {
  const mine = ++serial;
  useNotices.setState({ notice: { serial: mine, text, untilMs: Date.now() + UNDO_MS, ...more } });
  setTimeout(() => dismiss(mine), UNDO_MS);
}

export function dismiss(which?: number): void {
  const { notice } = useNotices.getState();
  if (notice && (which === undefined || notice.serial === which)) useNotices.setState({ notice: null });
}
