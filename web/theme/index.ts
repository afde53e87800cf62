export { type Palette, type ThemeName, TOKENS, type Token } from './tokens.ts';
