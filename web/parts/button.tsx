import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import css from './button.module.css';
import { classes } from './classes.ts';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` is the next thing to do; at most one on a panel. `link` stands inside a line of text. */
  look?: 'plain' | 'primary' | 'link' | 'icon';
  icon?: ReactNode;
  /** The key that does the same. */
  hint?: string;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', icon, hint, busy, children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-keyshortcuts={hint}
      aria-busy={busy || undefined}
      {...rest}
      disabled={rest.disabled || busy}
      className={classes(css.button, css[look], className)}
    >
      {icon}
      {children}
      {hint && <Key>{hint}</Key>}
    </button>
  );
}

function Key({ children }: { children: string }) {
  return (
    <kbd className={css.key} aria-hidden>
      {children}
    </kbd>
  );
}
