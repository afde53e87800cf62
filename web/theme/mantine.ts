import { createTheme, type MantineColorsTuple } from '@mantine/core';
import { TOKENS } from './tokens.ts';

/** Mantine asks for ten shades; the console uses the one lamp, by way of the variables in mantine.css. */
const lamp = Array.from({ length: 10 }, () => TOKENS.dark.lamp) as unknown as MantineColorsTuple;

export const mantineTheme = createTheme({
  primaryColor: 'lamp',
  colors: { lamp },
  fontFamily: 'var(--hd-font)',
  cursorType: 'pointer',
  respectReducedMotion: true,
  defaultRadius: 'sm',
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withinPortal: true, transitionProps: { duration: 100 } } },
    // Locking the scroll would need a style element at run time; the page itself never scrolls.
    Modal: { defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { transitionProps: { duration: 100 }, offset: 6 } },
    Popover: { defaultProps: { transitionProps: { duration: 100 } } },
  },
});
