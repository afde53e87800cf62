import { useEffect, useRef } from 'react';

/** Key name as in `KeyboardEvent.key`, lower case; `ctrl+k` for the one with Control (or Command). */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/**
 * Listens on the whole window while mounted. Letters typed into a field, a menu or a dialog stay there;
 * Escape and `ctrl+…` always come through.
 */
export function useKeys(keys: Keys, active = true): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const control = event.ctrlKey || event.metaKey;
      const name = (control ? 'ctrl+' : '') + event.key.toLowerCase();
      const act = latest.current[name];
      if (!act) return;
      if (!control && isTaken(event)) return;
      event.preventDefault();
      act(event);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [active]);
}

/** Whether the key belongs to what has the focus rather than to the console. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return false;
  if (target.closest('[role=dialog],[role=menu],[role=listbox]')) return true;
  if (target.closest('input,textarea,select,[contenteditable=true]')) return event.key !== 'Escape';
  // Enter and Space press the focused button; arrows walk inside a group that handles them itself.
  if (event.key === 'Enter' || event.key === ' ') return target.closest('button,a,[role=button]') !== null;
  return false;
}
