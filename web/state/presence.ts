/** What a person does on any part of the page. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
/** A request so soon after somebody touched the console is theirs; later ones are the console's own. */
const THEIRS_MS = 10_000;
/** How often the server hears that somebody is there. */
const TELL_MS = 60_000;

let lastSignMs = Date.now();
const note = () => {
  lastSignMs = Date.now();
};
for (const sign of SIGNS) globalThis.addEventListener?.(sign, note, { passive: true, capture: true });

/** Nobody has touched the console lately. */
export const isIdle = (): boolean => Date.now() - lastSignMs > THEIRS_MS;

/** Tells the server that the person is there, and locks the console when they have not been for too long. */
export function watchPerson(options: {
  lockAfterMs: number | null;
  stillHere(): void;
  lock(): void;
}): () => void {
  const { lockAfterMs, stillHere, lock } = options;
  if (lockAfterMs === null) return () => undefined;
  note();
  let toldMs = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - lastSignMs >= lockAfterMs) return lock();
    if (lastSignMs > toldMs && now - toldMs >= Math.min(TELL_MS, lockAfterMs / 3)) {
      toldMs = now;
      stillHere();
    }
  }, 5000);
  return () => clearInterval(timer);
}
